using System.Text.Json;
using Attune.Losses;

namespace Attune.Tests.Golden;

/// <summary>Cases of objectives/losses.json: value and gradient, both to 1e-5 relative.</summary>
public static class ObjectivesGolden
{
    private static readonly string[] KnownSettings = ["label_smoothing", "reduction", "ignore_index", "delta", "beta"];

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var path = Path.Combine(goldenFolder, "objectives", "losses.json");
        if (!File.Exists(path)) yield break;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var tensors = new GoldenTensors(Path.Combine(goldenFolder, "objectives", document.RootElement.GetProperty("tensors").GetString()!));
        foreach (var golden in document.RootElement.GetProperty("cases").EnumerateArray())
            yield return GoldenOutcome.Of("objectives/" + golden.GetProperty("name").GetString(), () => Check(golden, tensors));
    }

    private static string? Check(JsonElement golden, GoldenTensors tensors)
    {
        var name = golden.GetProperty("name").GetString()!;
        var inputs = golden.GetProperty("inputs").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
        var settings = golden.GetProperty("settings");
        var loss = Create(name, settings, inputs, tensors);
        var outputs = inputs.TryGetValue("logits", out var logits) ? logits : inputs["pred"];
        var values = tensors.Floats(outputs);
        var width = (int)tensors.Shape(outputs)[1];
        var target = inputs["target"];
        var targets = tensors.IsInteger(target)
            ? new LossTargets { Labels = tensors.Integers(target), Rows = values.Length / width, ValueWidth = 1 }
            : new LossTargets { Values = tensors.Floats(target), Rows = values.Length / width, ValueWidth = width };
        var isSum = settings.TryGetProperty("reduction", out var reduction) && reduction.GetString() == "sum";
        var count = isSum ? 1 : loss.Count(targets);
        var gradient = new float[values.Length];
        var value = loss.Sum(values, width, targets, gradient, (float)(1 / count)) / count;
        var expected = tensors.Floats(golden.GetProperty("gradients").EnumerateObject().First().Value.GetString()!);
        return GoldenOutcome.Compare("loss", golden.GetProperty("loss").GetDouble(), value, 1e-5)
            ?? GoldenOutcome.Compare("gradient", expected, gradient, 0, 1e-5);
    }

    private static Loss Create(string name, JsonElement settings, Dictionary<string, string> inputs, GoldenTensors tensors)
    {
        foreach (var setting in settings.EnumerateObject())
        {
            if (!KnownSettings.Contains(setting.Name)) throw new NotImplementedException($"no loss with the setting '{setting.Name}'");
        }
        double? Number(string key) => settings.TryGetProperty(key, out var value) ? value.GetDouble() : null;
        float[]? Tensor(string key) => inputs.TryGetValue(key, out var tensor) ? tensors.Floats(tensor) : null;
        var softTargets = inputs.TryGetValue("target", out var target) && inputs.ContainsKey("logits") && !tensors.IsInteger(target);
        return name.Split('_')[0] switch
        {
            "ce" when softTargets => throw new NotImplementedException("no cross-entropy against soft targets"),
            "ce" => LossCatalog.Create("cross-entropy", new() { LabelSmoothing = Number("label_smoothing") ?? 0, ClassWeights = Tensor("weight") }),
            "bce" => LossCatalog.Create("binary-cross-entropy", new() { LabelSmoothing = Number("label_smoothing") ?? 0, PositiveWeight = Tensor("pos_weight") }),
            "huber" => LossCatalog.Create("huber", new() { Delta = Number("delta") }),
            "smooth" => LossCatalog.Create("smooth-l1", new() { Delta = Number("beta") }),
            "mae" or "mse" => LossCatalog.Create(name),
            _ => throw new NotImplementedException($"no loss for '{name}'"),
        };
    }
}
