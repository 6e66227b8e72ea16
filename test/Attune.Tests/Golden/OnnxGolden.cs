using System.Text.Json;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;

namespace Attune.Tests.Golden;

/// <summary>Cases of onnx/models.json: every run's outputs within 1e-5 of ONNX Runtime's, on the libtorch engine and also on the dense engine where that can run the graph.</summary>
public static class OnnxGolden
{
    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var folder = Path.Combine(goldenFolder, "onnx");
        var list = Path.Combine(folder, "models.json");
        if (!File.Exists(list)) yield break;
        using var document = JsonDocument.Parse(File.ReadAllBytes(list));
        foreach (var model in document.RootElement.GetProperty("models").EnumerateArray())
            yield return GoldenOutcome.Of("onnx/" + model.GetProperty("name").GetString(), () => Check(folder, model));
    }

    private static string? Check(string folder, JsonElement model)
    {
        var graph = OnnxReader.Read(Path.Combine(folder, model.GetProperty("file").GetString()!));
        var tensors = new GoldenTensors(Path.Combine(folder, model.GetProperty("tensors").GetString()!));
        for (var run = 0; run < model.GetProperty("runs").GetInt32(); run++)
        {
            var torch = TorchEvaluator.Run(graph, graph.Inputs.ToDictionary(i => i.Name, i => Value(tensors, $"run{run}.in.{i.Name}")));
            foreach (var output in graph.Outputs)
            {
                var key = $"run{run}.out.{output.Name}";
                if (!tensors.Shape(key).SequenceEqual(torch[output.Name].Sizes)) return $"{key}: shape [{string.Join(", ", torch[output.Name].Sizes)}], expected [{string.Join(", ", tensors.Shape(key))}]";
                if (Difference(tensors, key, NodeTests.NodeTestRunner.Numbers(torch[output.Name])) is { } failure) return "libtorch engine: " + failure;
                if (DenseCompiler.CanRun(graph, output.Name, out _) && Difference(tensors, key, Dense(graph, output.Name, tensors, run)) is { } other) return "dense engine: " + other;
            }
        }
        return null;
    }

    private static double[] Dense(Graph graph, string output, GoldenTensors tensors, int run)
    {
        var inputs = graph.Inputs.Select(i => Input(i.Name, tensors, $"run{run}.in.{i.Name}")).ToArray();
        var rows = (int)tensors.Shape($"run{run}.in.{graph.Inputs[0].Name}")[0];
        using var compiled = DenseCompiler.Compile(graph, new CompileOptions { Output = output });
        var actual = new float[rows * compiled.OutputWidth];
        compiled.Predict(new EncodedSet(rows, inputs), Enumerable.Range(0, rows).ToArray(), actual);
        return Array.ConvertAll(actual, v => (double)v);
    }

    private static string? Difference(GoldenTensors tensors, string key, double[] actual)
    {
        var expected = tensors.IsInteger(key) ? Array.ConvertAll(tensors.Integers(key), v => (double)v) : Array.ConvertAll(tensors.Floats(key), v => (double)v);
        if (actual.Length != expected.Length) return $"{key}: {actual.Length} values, expected {expected.Length}";
        if (actual.Length == 0) return null;
        var scale = expected.Max(Math.Abs);
        var largest = actual.Zip(expected, (a, e) => Math.Abs(a - e)).Max();
        return largest <= (tensors.IsInteger(key) ? 0 : 1e-5 * scale) ? null : FormattableString.Invariant($"{key} differs by {largest:E2}, largest value {scale:G4}");
    }

    private static Tensor Value(GoldenTensors tensors, string key)
        => tensors.IsInteger(key) ? Tensor.Of(Array.ConvertAll(tensors.Integers(key), v => (long)v), tensors.Shape(key)) : Tensor.Of(tensors.Floats(key), tensors.Shape(key));

    private static EncodedInput Input(string name, GoldenTensors tensors, string key)
    {
        var width = (int)tensors.Shape(key).Skip(1).Aggregate(1L, (product, size) => product * size);
        return tensors.IsInteger(key) ? new IndexInput(name, width, tensors.Integers(key)) : new FloatInput(name, width, tensors.Floats(key));
    }
}
