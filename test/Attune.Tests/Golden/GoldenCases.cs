using System.Text.Json;

namespace Attune.Tests.Golden;

/// <summary>Finds the cases in a golden folder: each named JSON case, or each case folder.</summary>
public static class GoldenCases
{
    private static readonly string[] CaseFolders = ["adapters", "models", "vision"];
    private static readonly string[] CaseFiles = ["chat_templates", "metrics", "objectives", "onnx", "optimizers", "preprocessing", "training"];

    // Cases that stand beside the list called "cases".
    private static readonly Dictionary<string, string[]> Extra = new()
    {
        ["optimizers/optimizers.json"] = ["groups_and_clipping", "averaging"],
        ["preprocessing/splits.json"] = ["stratified_kfold", "kfold", "group_kfold", "balanced_class_weight"],
    };

    /// <summary>Every file or folder that holds cases, relative to the folder with <c>/</c>, and the names of its cases.</summary>
    public static IEnumerable<(string Path, IReadOnlyList<string> Names)> Find(string golden)
    {
        foreach (var kind in CaseFolders)
            foreach (var folder in Sorted(Path.Combine(golden, kind), Directory.GetDirectories))
                yield return ($"{kind}/{Path.GetFileName(folder)}", [Path.GetFileName(folder)]);

        foreach (var kind in CaseFiles)
            foreach (var file in Sorted(Path.Combine(golden, kind), f => Directory.GetFiles(f, "*.json")))
                yield return ($"{kind}/{Path.GetFileName(file)}", Names(file, $"{kind}/{Path.GetFileName(file)}"));

        // A tokenizer is one case (its file holds hundreds of strings); a component is one case.
        foreach (var part in (string[])["expected", "full"])
            foreach (var file in Sorted(Path.Combine(golden, "tokenizers", part), f => Directory.GetFiles(f, "*.json")))
                yield return ($"tokenizers/{part}/{Path.GetFileName(file)}", [Path.GetFileNameWithoutExtension(file)]);
        var components = Path.Combine(golden, "tokenizers", "components.json");
        if (File.Exists(components))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(components));
            yield return ("tokenizers/components.json", [.. ((string[])["normalizers", "pre_tokenizers", "decoders"])
                .Where(k => json.RootElement.TryGetProperty(k, out _))
                .SelectMany(k => Enumerable.Range(0, json.RootElement.GetProperty(k).GetArrayLength()).Select(i => $"{k}[{i}]"))]);
        }
    }

    private static IEnumerable<string> Sorted(string folder, Func<string, string[]> list) =>
        Directory.Exists(folder) ? list(folder).Order(StringComparer.Ordinal) : [];

    private static IReadOnlyList<string> Names(string file, string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = json.RootElement;
        if (!root.TryGetProperty("cases", out var cases) && !root.TryGetProperty("models", out cases)) return [Path.GetFileNameWithoutExtension(file)];
        var names = cases.EnumerateArray().Select((c, i) => c.TryGetProperty("name", out var name) ? name.GetString()! : $"[{i}]");
        return [.. names, .. Extra.GetValueOrDefault(path, []).Where(k => root.TryGetProperty(k, out _))];
    }
}
