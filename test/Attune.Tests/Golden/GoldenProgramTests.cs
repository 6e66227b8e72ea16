using System.Reflection;

namespace Attune.Tests.Golden;

public class GoldenProgramTests
{
    private static string Folder => Path.Combine(Repository.Sources.Root, "test", "golden");

    [Fact]
    public void Every_runner_class_stands_in_the_catalog()
    {
        var runners = typeof(GoldenCatalog).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(GoldenCatalog).Namespace)
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => m.Name == "Run" && typeof(IEnumerable<GoldenOutcome>).IsAssignableFrom(m.ReturnType))
            .Select(m => m.DeclaringType!.Name);
        var listed = GoldenCatalog.All.Select(r => r.Run.Method.DeclaringType!.Name);
        Assert.Equal(runners.Order(StringComparer.Ordinal), listed.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_line_covers_something_that_is_there()
    {
        var paths = GoldenCases.Find(Folder).Select(c => c.Path).ToList();
        Assert.All(GoldenCatalog.All.SelectMany(r => r.Covers), c => Assert.Contains(paths, p => GoldenProgram.Covers(c, p)));
    }

    [Fact]
    public void Cases_without_a_runner_are_pending_one_by_one()
    {
        var counts = GoldenProgram.Outcomes(Folder, []).CountBy(o => o.Case.Split('/')[0]).ToDictionary();
        Assert.Equal(66, counts["objectives"]);
        Assert.Equal(41, counts["optimizers"]);        // 19 rules, groups with clipping, averaging, 20 schedules
        Assert.Equal(59, counts["preprocessing"]);     // 18 + 34 + 3 + 4
        Assert.Equal(10, counts["onnx"]);
        Assert.Equal(21, counts["metrics"]);           // 4 + 3 + 1 + 6 + 4 and perplexity, ranking, significance
        Assert.All(GoldenProgram.Outcomes(Folder, []), o => Assert.Equal("pending", o.Status));
    }

    [Fact]
    public void A_throwing_runner_fails_and_unreported_cases_stay_pending()
    {
        var output = new StringWriter();
        Assert.Equal(1, GoldenProgram.Run(Folder, output, TextWriter.Null, [new(["objectives"], _ => One().Concat(Thrown()))]));
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal("FAILED objectives: runner: InvalidOperationException: broken", lines[0]);
        Assert.Equal($"1 passed, 1 failed, {GoldenCases.Find(Folder).Sum(c => c.Names.Count) - 2} pending", lines[1]);

        static IEnumerable<GoldenOutcome> One() => [new("objectives/losses.json: ce", "passed", "")];
        static IEnumerable<GoldenOutcome> Thrown() => Enumerable.Range(0, 1).Select<int, GoldenOutcome>(_ => throw new InvalidOperationException("broken"));
    }

    [Fact]
    public void A_folder_without_cases_is_refused()
    {
        var empty = Directory.CreateTempSubdirectory("attune-test-").FullName;
        Assert.Equal(2, GoldenProgram.Run(empty, TextWriter.Null, TextWriter.Null, []));
        Assert.Equal(2, GoldenProgram.Run(Path.Combine(empty, "none"), TextWriter.Null, TextWriter.Null, []));
        Directory.Delete(empty);
    }
}
