using System.Globalization;
using System.Text.Json;
using Attune.Data;
using Attune.Splitting;

namespace Attune.Tests.Golden;

/// <summary>The cases of preprocessing/splits.json.</summary>
public static class SplitsGolden
{
    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var path = Path.Combine(goldenFolder, "preprocessing", "splits.json");
        if (!File.Exists(path)) yield break;
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        var root = json.RootElement;
        var labels = Integers(root.GetProperty("labels"));
        foreach (var item in root.GetProperty("cases").EnumerateArray())
        {
            var name = item.GetProperty("name").GetString()!;
            yield return name.StartsWith("stratified_holdout_", StringComparison.Ordinal)
                ? Holdout("preprocessing/splits/" + name, labels, item, double.Parse(name["stratified_holdout_".Length..], CultureInfo.InvariantCulture))
                : new GoldenOutcome("preprocessing/splits/" + name, "pending", "unknown kind of case");
        }
        foreach (var kind in (string[])["stratified_kfold", "kfold", "group_kfold", "balanced_class_weight"])
            if (root.TryGetProperty(kind, out _)) yield return new GoldenOutcome("preprocessing/splits/" + kind, "pending", "folds and balanced weights do not exist yet");
    }

    private static GoldenOutcome Holdout(string name, int[] labels, JsonElement expected, double share)
    {
        var table = new Table("labels", labels.Length,
        [
            new NumericColumn("row", [.. Enumerable.Range(0, labels.Length).Select(i => (double)i)]),
            new NumericColumn("label", [.. labels.Select(i => (double)i)]),
        ]);
        for (var seed = 0UL; seed < 20; seed++)
        {
            var report = Splitter.Split(table, new SplitRequest { Test = share, Seed = seed }, "label", isClassification: true).Report;
            var test = report.Classes!.Values.Select(c => c[2]).ToArray();
            var train = report.Classes!.Values.Select(c => c[0] + c[1]).ToArray();
            if (!test.SequenceEqual(Integers(expected.GetProperty("test_class_counts"))) || !train.SequenceEqual(Integers(expected.GetProperty("train_class_counts"))))
                return new GoldenOutcome(name, "failed", $"seed {seed}: train {string.Join(' ', train)}, test {string.Join(' ', test)}");
        }
        return new GoldenOutcome(name, "passed", "");
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt32())];
}
