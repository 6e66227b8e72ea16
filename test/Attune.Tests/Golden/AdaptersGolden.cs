using System.Text.Json;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Models.Vision;
using Attune.Tests.Graphs;
using Attune.Weights;

namespace Attune.Tests.Golden;

/// <summary>
/// Cases of adapters/NAME: PEFT's folder beside a base model gives the same logits beside and merged into the weights, the same merged weights, gradients and AdamW steps; written again and
/// read again it is the same. Pending where a base model has no builder yet.
/// </summary>
public static class AdaptersGolden
{
    private const double MergeTolerance = 1e-6;

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var folder = Path.Combine(goldenFolder, "adapters");
        if (!Directory.Exists(folder)) yield break;
        foreach (var adapter in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
            yield return GoldenOutcome.Of("adapters/" + Path.GetFileName(adapter), () => Check(goldenFolder, adapter));
    }

    private static string? Check(string goldenFolder, string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        var expected = document.RootElement;
        var source = Path.Combine(goldenFolder, expected.GetProperty("base_model").GetString()!);
        var inputs = new GoldenTensors(Path.Combine(source, "expected.safetensors"));
        return Path.Exists(source) && TextConfig.ModelTypeOf(source) is { } type && type != "vit"
            ? TextCatalog.Names.Contains(type) ? Text(folder, expected, source, inputs) : throw new NotImplementedException($"no builder for {type} yet")
            : Pictures(folder, expected, source, inputs);
    }

    private static string? Text(string folder, JsonElement expected, string source, GoldenTensors inputs)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(source, "expected.json")));
        var model = TextGolden.Load(source, document.RootElement);
        var head = TextModel.Logits;
        string? Logits(Graph graph, GoldenTensors tensors, string batch, string what)
        {
            var actual = TextGolden.InOnnxRuntime(model with { Graph = graph, HiddenStates = [] }, inputs, batch)[head];
            return TextGolden.Compare($"{batch}.{what}", tensors, actual, inputs.Integers($"{batch}.attention_mask"));
        }
        return Compare(folder, expected, model.Graph, Logits, graph => Objective(model with { Graph = graph }), (graph, batch, _) => TextGolden.Set(model with { Graph = graph }, inputs, batch));
    }

    /// <summary>The graph whose named output the loss sees: one row of numbers for each text or each token with a label.</summary>
    private static (Graph Graph, string Output, Loss Loss) Objective(TextModel model)
    {
        var loss = TextGolden.Objective(model);
        if (model.Head == TextHead.SequenceClassification) return (model.Graph, TextModel.Logits, loss);
        var g = new GraphBuilder(model.Graph);
        var selected = g.Input(TextModel.Selected, DataType.Int64, new Shape("U"));
        var flat = g.Reshape(new Value(TextModel.Logits), -1, model.Outputs);                       // [B·T, K]
        g.Output(g.Node("Gather", [flat, selected], Attributes.Of(("axis", 0L))), "selected_logits", DataType.Float, new Shape("U", model.Outputs));
        return (g.Build(), "selected_logits", loss);
    }

    private static string? Pictures(string folder, JsonElement expected, string source, GoldenTensors inputs)
    {
        string? Logits(Graph graph, GoldenTensors tensors, string batch, string what)
        {
            using var scratch = TestFiles.Folder();
            var path = Path.Combine(scratch.Path, "graph.onnx");
            OnnxWriter.Write(graph, path);
            var pixels = Tensor.Of(inputs.Floats($"{batch}.pixel_values"), inputs.Shape($"{batch}.pixel_values"));
            var actual = OnnxRuntimeCheck.Run(path, [(VisionModel.Input, pixels)])[VisionModel.Output];
            return GoldenOutcome.Compare($"{batch} {what}", tensors.Floats($"{batch}.{what}"), actual.Data.Span<float>(), 0, 1e-5);
        }
        return Compare(folder, expected, VisionModel.Load(source, new VisionLoadOptions { Dropout = 0 }).Graph, Logits,
            graph => (graph, VisionModel.Output, LossCatalog.Create("cross-entropy", new LossOptions())), (_, batch, _) => VisionGolden.Set(inputs, batch));
    }

    private static string? Compare(string folder, JsonElement expected, Graph network, Func<Graph, GoldenTensors, string, string, string?> logits, Func<Graph, (Graph Graph, string Output, Loss Loss)> objective, Func<Graph, string, string, EncodedSet> set)
    {
        var tensors = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
        var adapter = PeftAdapter.Read(folder);
        var adapted = adapter.Attach(network);
        var count = adapted.Trainable.Sum(t => adapted.Graph.Weights[t].Count);
        if (count != expected.GetProperty("trainable_parameters").GetInt64()) return $"{count} parameters train";
        var merged = adapted.Merge(adapted.Graph, out var rounding);
        if (rounding > MergeTolerance) return FormattableString.Invariant($"merging rounds by {rounding:g3}");
        var batches = expected.GetProperty("batches").EnumerateArray().Select(b => b.GetString()!).ToList();
        foreach (var batch in batches)
        {
            foreach (var (graph, what) in new[] { (network, "logits_base"), (adapted.Graph, "logits_adapter"), (merged, "logits_merged") })
            {
                if (tensors.Has($"{batch}.{what}") && logits(graph, tensors, batch, what) is { } failure) return failure;
            }
        }
        foreach (var name in expected.GetProperty("merged_changed_names").EnumerateArray().Select(n => n.GetString()!).Where(n => tensors.Has("merged." + n)))
        {
            if (GoldenOutcome.Compare("merged " + name, tensors.Floats("merged." + name), merged.Weights[name].Value.Data.Span<float>(), 0, MergeTolerance) is { } failure) return failure;
        }
        return Written(folder, adapter, adapted, network) ?? Training(expected, tensors, adapted, objective, set, batches);
    }

    // The same bytes under the same names, and every field of the configuration.
    private static string? Written(string folder, PeftAdapter adapter, AdaptedNetwork adapted, Graph network)
    {
        using var scratch = TestFiles.Folder();
        adapter.With(adapted, adapted.Graph).Write(scratch.Path);
        var (before, after) = (SafetensorsReader.Read(Path.Combine(folder, PeftAdapter.WeightsFile)).Weights, SafetensorsReader.Read(Path.Combine(scratch.Path, PeftAdapter.WeightsFile)).Weights);
        if (!before.All.Select(w => w.Name).Order(StringComparer.Ordinal).SequenceEqual(after.All.Select(w => w.Name).Order(StringComparer.Ordinal))) return $"writes {NearestName.Preview(after.All.Select(w => w.Name))}";
        if (before.All.FirstOrDefault(w => !w.Value.Data.Span<byte>().SequenceEqual(after[w.Name].Value.Data.Span<byte>())) is { } other) return $"{other.Name} was written with other bytes";
        using var given = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, PeftAdapter.ConfigFile)));
        using var written = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(scratch.Path, PeftAdapter.ConfigFile)));
        if (!JsonElement.DeepEquals(given.RootElement, written.RootElement)) return "the configuration was written with other fields";
        var again = PeftAdapter.Read(scratch.Path);
        again.Attach(network);
        var base2 = network with { Weights = network.Weights.DeepCopy() };
        base2.Weights.All.First(w => w.Role == WeightRole.Parameter && !again.Weights.Contains(w.Name)).Value.Data.Span<float>()[0] += 1;
        try { again.Attach(base2); }
        catch (WeightsException e) when (e.Message.Contains("another base", StringComparison.Ordinal)) { return null; }
        return "another base was taken";
    }

    private static string? Training(JsonElement expected, GoldenTensors tensors, AdaptedNetwork adapted, Func<Graph, (Graph Graph, string Output, Loss Loss)> objective, Func<Graph, string, string, EncodedSet> set, List<string> batches)
    {
        var (graph, output, loss) = objective(adapted.Graph with { Weights = adapted.Graph.Weights.DeepCopy() });
        var training = new GoldenTraining(graph, output, loss, adapted.Trainable);
        var sets = batches.ToDictionary(b => b, b => set(graph, b, output));
        using (var model = training.Compile(0, []))
        {
            var first = sets[expected.GetProperty("gradients").GetProperty("batch").GetString()!];
            model.Accumulate(first, GoldenTraining.Rows(first), loss, training.Count(first), new MicroStep(0, 0, TrainingMode.Deterministic));
            if (GoldenTraining.Gradients(model, expected, tensors) is { } wrong) return wrong;
        }
        (graph, output, loss) = objective(adapted.Graph with { Weights = adapted.Graph.Weights.DeepCopy() });
        return new GoldenTraining(graph, output, loss, adapted.Trainable).Trajectory(expected, tensors, sets);
    }
}
