using System.Globalization;

namespace Attune.Tests.Golden;

/// <summary>Runs every case of a golden folder: the work behind <c>test/golden.sh</c>.</summary>
public static class GoldenProgram
{
    /// <summary>Runs the folder's cases and prints failures and the closing line; what is pending, and why, goes to <paramref name="errors"/>.</summary>
    /// <returns>0 when nothing failed, 1 when something did, 2 when the folder holds no case.</returns>
    public static int Run(string folder, TextWriter output, TextWriter errors, IReadOnlyList<GoldenRunner> runners)
    {
        if (!Directory.Exists(folder))
        {
            errors.WriteLine($"{folder}: there is no such folder.");
            return 2;
        }

        var outcomes = Outcomes(folder, runners).ToList();
        if (outcomes.Count == 0)
        {
            errors.WriteLine($"{folder}: no golden case found; the subfolders are adapters, chat_templates, metrics, models, ….");
            return 2;
        }

        foreach (var failed in outcomes.Where(o => o.Status == "failed")) output.WriteLine($"FAILED {failed.Case}: {failed.Detail.ReplaceLineEndings(" ")}");
        foreach (var unknown in outcomes.Where(o => o.Status is not ("passed" or "failed" or "pending"))) output.WriteLine($"FAILED {unknown.Case}: unknown status '{unknown.Status}'");
        foreach (var open in outcomes.Where(o => o.Status == "pending")) errors.WriteLine($"pending {open.Case}: {open.Detail.ReplaceLineEndings(" ")}");
        var passed = outcomes.Count(o => o.Status == "passed");
        var pending = outcomes.Count(o => o.Status == "pending");
        var failures = outcomes.Count - passed - pending;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failures} failed, {pending} pending"));
        return failures > 0 ? 1 : 0;
    }

    /// <summary>Every case's outcome; a case that no runner answers for is pending, and a runner that throws is a failure.</summary>
    public static IEnumerable<GoldenOutcome> Outcomes(string folder, IReadOnlyList<GoldenRunner> runners)
    {
        var cases = GoldenCases.Find(folder).ToList();
        foreach (var runner in runners)
        {
            var mine = cases.Where(c => Covers(runner, c.Path)).ToList();
            if (mine.Count == 0) continue;
            cases.RemoveAll(mine.Contains);
            var reported = 0;
            var stopped = false;
            foreach (var outcome in Guarded(runner, folder))
            {
                reported++;
                stopped |= outcome.Case.EndsWith(": runner", StringComparison.Ordinal);
                yield return outcome;
            }

            // What it covers but did not report is not passed in silence.
            foreach (var (path, name) in mine.SelectMany(m => m.Names.Select(n => (m.Path, n))).Skip(reported))
                yield return new GoldenOutcome($"{path}: {name}", "pending", stopped ? "the runner stopped before it" : "not reported by its runner");
        }

        foreach (var (path, names) in cases)
            foreach (var name in names)
                yield return new GoldenOutcome($"{path}: {name}", "pending", "no runner yet");
    }

    private static bool Covers(GoldenRunner runner, string path) =>
        runner.Covers.Any(c => Covers(c, path));

    /// <summary>A file or folder covers itself and what is in it; a name that ends in <c>*</c> covers everything that begins so.</summary>
    public static bool Covers(string cover, string path) => cover.EndsWith('*')
        ? path.StartsWith(cover[..^1], StringComparison.Ordinal)
        : path == cover || path.StartsWith(cover + "/", StringComparison.Ordinal);

    private static IEnumerable<GoldenOutcome> Guarded(GoldenRunner runner, string folder)
    {
        using var outcomes = runner.Run(folder).GetEnumerator();
        while (true)
        {
            GoldenOutcome outcome;
            try
            {
                if (!outcomes.MoveNext()) yield break;
                outcome = outcomes.Current;
            }
            catch (Exception e)   // a runner that throws is itself the finding
            {
                outcome = new GoldenOutcome($"{runner.Covers[0]}: runner", "failed", $"{e.GetType().Name}: {e.Message}");
            }

            yield return outcome;
            if (outcome.Case.EndsWith(": runner", StringComparison.Ordinal)) yield break;
        }
    }
}
