using System.Globalization;

namespace Attune.Tests.NodeTests;

/// <summary><c>node-tests FOLDER</c>: runs ONNX's node tests below a folder and prints what became of them by operator: the work behind <c>test/node-tests.sh</c>.</summary>
internal static class NodeTestProgram
{
    /// <summary>0 when nothing failed, 1 when something did, 2 when the folder holds no test.</summary>
    public static int Run(string folder, TextWriter output, TextWriter errors)
    {
        if (!Directory.Exists(folder))
        {
            errors.WriteLine($"{folder}: there is no such folder.");
            return 2;
        }
        var outcomes = NodeTestCase.Find(folder).Select(NodeTestRunner.Run).ToList();
        if (outcomes.Count == 0)
        {
            errors.WriteLine($"{folder}: no node test found; each is a folder test_… with model.onnx and test_data_set_0.");
            return 2;
        }
        foreach (var failed in outcomes.Where(o => o.Status == "failed")) output.WriteLine($"FAILED {failed.Name}: {failed.Detail}");
        foreach (var group in outcomes.GroupBy(o => o.Operator).OrderBy(g => g.Key, StringComparer.Ordinal))
            output.WriteLine($"{group.Key,-32} {Count(group)}");
        foreach (var reason in outcomes.Where(o => o.Status == "skipped").GroupBy(o => o.Detail).OrderByDescending(g => g.Count()))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"skipped ({reason.Key}): {reason.Count()}: {string.Join(' ', reason.Select(o => o.Name))}"));
        output.WriteLine($"passed/tried/total: {Count(outcomes)}");
        return outcomes.Any(o => o.Status == "failed") ? 1 : 0;
    }

    private static string Count(IEnumerable<NodeTestOutcome> outcomes)
    {
        var all = outcomes.ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{all.Count(o => o.Status == "passed")}/{all.Count(o => o.Status != "skipped")}/{all.Count}");
    }
}
