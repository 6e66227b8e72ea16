using System.Text.RegularExpressions;

namespace Attune.Tests.Repository;

/// <summary>The straight line: a folder uses only folders that stand above it in this table, and the leaves.</summary>
public partial class FolderOrderTests
{
    // Leaves know nothing of the line; they may use each other where the second column says so.
    private static readonly Dictionary<string, string[]> Leaves = new()
    {
        [""] = [],                                        // exceptions, nearest name
        ["Hub"] = [],
        ["IO"] = [],
        ["Text"] = [],
        ["Randomness"] = [],
        ["Weights"] = ["Graphs", "IO"],
        ["Graphs"] = ["Weights", "IO"],
        ["Tokenization"] = ["IO", "Text"],
        ["Numerics"] = ["Randomness"],
        ["Losses"] = ["Numerics", "Randomness"],
        ["Metrics"] = ["Encoding", "Numerics", "Randomness", "Tasks"],
        ["Options"] = ["Encoding", "Losses", "Metrics", "Optimizers", "Schedules"],
        ["Optimizers"] = ["Numerics"],
        ["Schedules"] = [],
    };

    // In the order that data passes.
    private static readonly string[] Line =
    [
        "Data", "Splitting", "Encoding", "Batching", "Tasks", "Models", "Methods", "Engines", "Evaluation", "Training", "Prediction", "Export",
        "Reports", "Runs", "FineTuning", "Search", "Serving",
    ];

    // Looks upward, each with its reason. Take one out when the code no longer needs it; do not add one without need.
    private static readonly Dictionary<(string Folder, string Uses), string> Exceptions = new()
    {
        [("Methods", "Engines")] = "a method says what trains in the engine's terms (TrainableWeight)",
        [("Export", "Runs")] = "a receipt names the run that it comes from",
        [("Reports", "Runs")] = "a report is made from a run's record",
    };

    [Fact]
    public void Each_folder_uses_only_what_stands_above_it()
    {
        var found =
            from project in (string[])["src/Attune.Core", "src/Attune"]
            from file in Sources.CSharp(project)
            let folder = FolderOf(file.Path[(project.Length + 1)..])
            from text in file.Lines
            let match = AttuneUsing().Match(text)
            where match.Success
            let used = match.Groups[1].Value
            where used != folder && !Allowed(folder, used) && !Exceptions.ContainsKey((folder, used))
            select $"{file.Path} uses Attune.{used}";
        Assert.Empty(found.Distinct());
    }

    [Fact]
    public void Each_folder_stands_in_the_table()
    {
        var folders = ((string[])["src/Attune.Core", "src/Attune"])
            .SelectMany(p => Sources.CSharp(p).Select(f => FolderOf(f.Path[(p.Length + 1)..])))
            .Distinct();
        Assert.All(folders, f => Assert.True(Leaves.ContainsKey(f) || Line.Contains(f), $"'{f}' is in no row of the table"));
    }

    // The root of the libraries holds both the leaf types of Core and, in Attune, the façade, which may use everything.
    private static bool Allowed(string folder, string used)
    {
        if (folder.Length == 0) return true;
        if (Leaves.TryGetValue(folder, out var leaves)) return leaves.Contains(used);
        if (Leaves.ContainsKey(used)) return true;
        var (mine, its) = (Array.IndexOf(Line, folder), Array.IndexOf(Line, used));
        return mine >= 0 && its >= 0 && its < mine;
    }

    private static string FolderOf(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.IndexOf('/', StringComparison.Ordinal)] : "";

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?Attune\.(\w+)")]
    private static partial Regex AttuneUsing();
}
