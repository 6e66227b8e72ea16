using System.Text.Json;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Methods;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Golden;

/// <summary>
/// Cases of adapters/NAME: PEFT's adapter over a base model has the tensors that the method makes, gives the same logits beside and merged into the weights, and the
/// same merged weights. Pending where a base model has no builder yet or an option is not one of ours.
/// </summary>
public static class AdaptersGolden
{
    private const string Prefix = "base_model.model.";

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var folder = Path.Combine(goldenFolder, "adapters");
        if (!Directory.Exists(folder)) yield break;
        foreach (var adapter in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
            yield return GoldenOutcome.Of("adapters/" + Path.GetFileName(adapter), () => Check(goldenFolder, adapter));
    }

    private static string? Check(string goldenFolder, string folder)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "adapter_config.json")));
        var root = expected.RootElement;
        if (root.GetProperty("base_architecture").GetString() != "ViTForImageClassification") throw new NotImplementedException("no builder for the base model yet");
        var options = Options(config.RootElement, root.GetProperty("kind").GetString()!);
        var model = Path.Combine(goldenFolder, root.GetProperty("base_model").GetString()!);
        var graph = VisionModel.Load(model).Graph;
        var plan = MethodPlan.For(graph, options, 0, 0, new HashSet<string>(), 1);

        var file = SafetensorsReader.Read(Path.Combine(folder, "adapter_model.safetensors")).Weights;
        var (given, made) = (file.All.Select(w => w.Name[Prefix.Length..]).Order(StringComparer.Ordinal), plan.Trainable.Select(t => t.Name).Order(StringComparer.Ordinal));
        if (!given.SequenceEqual(made)) return $"trains {NearestName.Preview(made)}; the adapter holds {NearestName.Preview(given)}";
        var count = plan.Trainable.Sum(t => plan.Adapted.Weights[t.Name].Count);
        if (count != root.GetProperty("trainable_parameters").GetInt64()) return $"{count} parameters train";

        var adapted = plan.Adapted with { Weights = plan.Adapted.Weights.DeepCopy() };
        foreach (var weight in file.All)
        {
            var old = adapted.Weights[weight.Name[Prefix.Length..]];
            if (!old.Value.Sizes.SequenceEqual(weight.Value.Sizes)) return $"{old.Name} is {old.Value}; the adapter holds {weight.Value}";
            adapted.Weights.Replace(old with { Value = weight.Value });
        }
        var tensors = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
        var inputs = new GoldenTensors(Path.Combine(model, "expected.safetensors"));
        var merged = plan.Merge(adapted);
        foreach (var batch in root.GetProperty("batches").EnumerateArray().Select(b => b.GetString()!))
        {
            var failure = Logits(graph, inputs, tensors, batch, "logits_base") ?? Logits(plan.Adapted, inputs, tensors, batch, "logits_base")
                ?? Logits(adapted, inputs, tensors, batch, "logits_adapter") ?? Logits(merged, inputs, tensors, batch, "logits_merged");
            if (failure is not null) return failure;
        }
        foreach (var name in root.GetProperty("merged_changed_names").EnumerateArray().Select(n => n.GetString()!).Where(n => tensors.Has("merged." + n)))
        {
            if (GoldenOutcome.Compare("merged " + name, tensors.Floats("merged." + name), merged.Weights[name].Value.Data.Span<float>(), 0, 1e-6) is { } failure) return failure;
        }
        return null;
    }

    private static MethodOptions Options(JsonElement config, string kind)
    {
        if (kind != "LORA" || config.GetProperty("use_dora").GetBoolean()) throw new NotImplementedException("no such method yet");
        foreach (var name in new[] { "alpha_pattern", "rank_pattern" })
        {
            if (config.GetProperty(name).EnumerateObject().Any()) throw new NotImplementedException($"no {name} yet");
        }
        if (config.GetProperty("fan_in_fan_out").GetBoolean() || config.GetProperty("layers_to_transform").ValueKind != JsonValueKind.Null) throw new NotImplementedException("no such target yet");
        return new MethodOptions
        {
            Name = "lora",
            Rank = config.GetProperty("r").GetInt32(),
            Alpha = config.GetProperty("lora_alpha").GetDouble(),
            RankStabilized = config.GetProperty("use_rslora").GetBoolean(),
            Target = [.. config.GetProperty("target_modules").EnumerateArray().Select(m => $"*.{m.GetString()}.weight")],
        };
    }

    private static string? Logits(Graph graph, GoldenTensors inputs, GoldenTensors expected, string batch, string what)
    {
        if (!expected.Has($"{batch}.{what}")) return null;
        using var folder = TestFiles.Folder();
        var path = Path.Combine(folder.Path, "graph.onnx");
        OnnxWriter.Write(graph, path);
        var pixels = Tensor.Of(inputs.Floats($"{batch}.pixel_values"), inputs.Shape($"{batch}.pixel_values"));
        var actual = OnnxRuntimeCheck.Run(path, [(VisionModel.Input, pixels)])[VisionModel.Output];
        return GoldenOutcome.Compare($"{batch} {what}", expected.Floats($"{batch}.{what}"), actual.Data.Span<float>(), 0, 1e-5);
    }
}
