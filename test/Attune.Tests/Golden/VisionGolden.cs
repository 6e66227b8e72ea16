using System.Text.Json;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Models;
using Attune.Models.Vision;
using Attune.Optimizers;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Golden;

/// <summary>
/// Cases of vision/ and of the image classifiers in models/: logits through ONNX Runtime on the exported file, and on libtorch logits, loss, gradients, batch norm in training
/// and the AdamW trajectory. Each case gives two outcomes, forward and training.
/// </summary>
public static class VisionGolden
{
    private const double ForwardTolerance = 1e-5;

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        foreach (var (kind, folder) in Folders(goldenFolder))
        {
            var name = $"{kind}/{Path.GetFileName(folder)}";
            var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
            if (document.RootElement.TryGetProperty("models", out var models))
            {
                var salt = document.RootElement.GetProperty("fill").GetProperty("salt").GetUInt64();
                foreach (var model in models.EnumerateArray())
                    yield return GoldenOutcome.Of($"{name}: {model.GetProperty("library").GetString()} {model.GetProperty("name").GetString()}", () => Filled(model, salt));
                continue;
            }
            yield return GoldenOutcome.Of(name, () => Forward(folder, document.RootElement));
            yield return GoldenOutcome.Of($"{name}: training", () => Training(folder, document.RootElement));
        }
    }

    private static IEnumerable<(string Kind, string Folder)> Folders(string golden)
    {
        foreach (var kind in (string[])["vision", "models"])
        {
            var root = Path.Combine(golden, kind);
            if (!Directory.Exists(root)) continue;
            foreach (var folder in Directory.GetDirectories(root).Order(StringComparer.Ordinal))
            {
                if (File.Exists(Path.Combine(folder, "expected.json")) && (kind == "vision" || Path.GetFileName(folder).StartsWith("vit", StringComparison.Ordinal))) yield return (kind, folder);
            }
        }
    }

    /// <summary>What a checkpoint cannot tell, from the case's own description.</summary>
    private static VisionLoadOptions Hints(JsonElement expected)
    {
        var options = new VisionLoadOptions { Dropout = 0 };
        if (!expected.TryGetProperty("architecture_fields", out var fields)) return options;
        double? Number(string key) => fields.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        if (fields.TryGetProperty("inverted_residual_setting", out var stages)) options = options with { Depths = [.. stages.EnumerateArray().Select(s => s[2].GetInt32())] };
        return options with { Heads = (int?)Number("num_heads"), LayerNormEpsilon = Number("layer_norm_eps"), BatchNormEpsilon = Number("batch_norm_eps") };
    }

    private static string? Forward(string folder, JsonElement expected)
    {
        var model = VisionModel.Load(Path.Combine(folder, "model.safetensors"), Hints(expected));
        var parameters = model.Graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Sum(w => w.Count);
        if (parameters != expected.GetProperty("parameters").GetInt64()) return $"{parameters} parameters, expected {expected.GetProperty("parameters")}";
        var tensors = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
        foreach (var batch in expected.GetProperty("batches").EnumerateArray().Select(b => b.GetString()!))
        {
            var images = Tensor.Of(tensors.Floats($"{batch}.pixel_values"), tensors.Shape($"{batch}.pixel_values"));
            if (GoldenOutcome.Compare($"{batch}.logits", tensors.Floats($"{batch}.logits"), InOnnxRuntime(model.Graph, images), 0, ForwardTolerance) is { } failure) return failure;
        }
        return null;
    }

    private static string? Filled(JsonElement golden, ulong salt)
    {
        var options = new VisionLoadOptions { Name = golden.GetProperty("name").GetString(), Dropout = 0 };
        if (golden.TryGetProperty("hints", out var hints))
        {
            if (hints.TryGetProperty("Heads", out var heads)) options = options with { Heads = heads.GetInt32() };
            if (hints.TryGetProperty("ImageSize", out var side)) options = options with { ImageSize = side.GetInt32() };
        }
        var weights = FilledWeights.Of(golden.GetProperty("state_dict"), salt);
        var shape = VisionModel.Detect(weights, options);
        if (shape is null) return "no family recognises it";
        var graph = shape.Build(new CheckpointWeights(weights));
        var parameters = graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Sum(w => w.Count);
        if (parameters != golden.GetProperty("parameters").GetInt64()) return $"{parameters} parameters, expected {golden.GetProperty("parameters")}";
        var logits = InOnnxRuntime(graph, FilledWeights.Images([.. golden.GetProperty("input_shape").EnumerateArray().Select(s => s.GetInt64())]));
        var (first, rows, classes) = (golden.GetProperty("logits_first_16"), golden.GetProperty("logits_first_16").GetArrayLength(), golden.GetProperty("num_classes").GetInt32());
        if (logits.Length != rows * classes) return $"{logits.Length} logits, expected {rows * classes}";
        var shown = Math.Min(16, classes);
        var largest = logits.Max(Math.Abs);
        for (var row = 0; row < rows; row++)
        {
            float[] wanted = [.. first[row].EnumerateArray().Select(v => v.GetSingle())];
            if (GoldenOutcome.Compare($"logits of row {row}", wanted, logits.AsSpan(row * classes, shown), 1e-4 * largest) is { } failure) return failure;
        }
        var checksum = golden.GetProperty("logits_checksum");
        return GoldenTraining.Near("abs_sum", checksum.GetProperty("abs_sum").GetDouble(), logits.Sum(v => Math.Abs((double)v)), 1e-4)
            ?? GoldenTraining.Near("l2", checksum.GetProperty("l2").GetDouble(), Math.Sqrt(logits.Sum(v => (double)v * v)), 1e-4);
    }

    private static string? Training(string folder, JsonElement expected)
    {
        var graph = Load(folder, expected);
        if (!TorchCompiler.CanRun(graph, VisionModel.Output, out var reason)) throw new NotImplementedException(reason);
        var tensors = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
        string[] batches = [.. expected.GetProperty("batches").EnumerateArray().Select(b => b.GetString()!)];
        var sets = batches.ToDictionary(b => b, b => Set(tensors, b));
        return Evaluation(graph, expected, tensors, sets) ?? BatchNorm(Load(folder, expected), tensors, sets["batch0"]) ?? new GoldenTraining(Load(folder, expected), VisionModel.Output, Loss()).Trajectory(expected, tensors, sets);
    }

    private static Graph Load(string folder, JsonElement expected) => VisionModel.Load(Path.Combine(folder, "model.safetensors"), Hints(expected)).Graph;

    // Logits, losses and gradients in evaluation mode.
    private static string? Evaluation(Graph graph, JsonElement expected, GoldenTensors tensors, Dictionary<string, EncodedSet> sets)
    {
        using var model = new GoldenTraining(graph, VisionModel.Output, Loss()).Compile(0, []);
        var loss = Loss();
        foreach (var (batch, set) in sets)
        {
            var logits = new float[set.Rows * model.OutputWidth];
            model.Predict(set, Rows(set), logits);
            if (GoldenOutcome.Compare($"{batch}.logits on libtorch", tensors.Floats($"{batch}.logits"), logits, 0, ForwardTolerance) is { } failure) return failure;
            var value = model.Accumulate(set, Rows(set), loss, set.Rows, new MicroStep(0, 0, TrainingMode.Deterministic)) / set.Rows;
            if (GoldenOutcome.Compare($"{batch}.loss", expected.GetProperty("forward").GetProperty(batch).GetProperty("loss").GetDouble(), value, ForwardTolerance) is { } off) return off;
            if (batch == expected.GetProperty("gradients").GetProperty("batch").GetString() && GoldenTraining.Gradients(model, expected, tensors) is { } wrong) return wrong;
            model.ClearGradients();
        }
        return null;
    }

    // One forward pass with batch statistics: the loss tells the logits, the buffers tell the statistics.
    private static string? BatchNorm(Graph graph, GoldenTensors tensors, EncodedSet set)
    {
        if (!tensors.Has("batch0.logits_train_mode")) return null;
        using var model = new GoldenTraining(graph, VisionModel.Output, Loss()).Compile(0, []);
        var loss = Loss();
        var value = model.Accumulate(set, Rows(set), loss, set.Rows, new MicroStep(0, 0));
        var wanted = loss.Sum(tensors.Floats("batch0.logits_train_mode"), model.OutputWidth, new LossTargets { Labels = set.Targets!.Labels, ValueWidth = 1, Rows = set.Rows }, [], 1);
        if (GoldenOutcome.Compare("loss in training mode", wanted, value, 1e-4) is { } failure) return failure;
        foreach (var buffer in graph.Weights.All.Where(w => w.Role == WeightRole.Buffer && tensors.Has($"batch0.after_one_train_forward.{w.Name}")))
        {
            var values = new float[buffer.Count];
            model.ReadWeight(buffer.Name, values);
            if (GoldenOutcome.Compare($"{buffer.Name} after a training pass", tensors.Floats($"batch0.after_one_train_forward.{buffer.Name}"), values, 0, ForwardTolerance) is { } off) return off;
        }
        return null;
    }

    private static Loss Loss() => LossCatalog.Create("cross-entropy", new LossOptions());

    private static int[] Rows(EncodedSet set) => [.. Enumerable.Range(0, set.Rows)];

    internal static EncodedSet Set(GoldenTensors tensors, string batch)
    {
        var shape = tensors.Shape($"{batch}.pixel_values");
        return new EncodedSet((int)shape[0], [new GoldenImages(VisionModel.Input, shape[1..], tensors.Floats($"{batch}.pixel_values"))], Targets.Classes(tensors.Integers($"{batch}.labels")));
    }

    private static float[] InOnnxRuntime(Graph graph, Tensor images)
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("model.onnx");
        OnnxWriter.Write(graph, path);
        return OnnxRuntimeCheck.Run(path, [(VisionModel.Input, images)])[VisionModel.Output].Data.Span<float>().ToArray();
    }
}
