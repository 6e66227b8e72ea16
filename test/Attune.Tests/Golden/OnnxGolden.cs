using System.Text.Json;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Graphs.Onnx;

namespace Attune.Tests.Golden;

/// <summary>Cases of onnx/models.json: every run's outputs within 1e-5 of ONNX Runtime's, on an engine that runs the graph; pending where none does.</summary>
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
        foreach (var output in graph.Outputs)
        {
            if (!DenseCompiler.CanRun(graph, output.Name, out var reason)) throw new NotImplementedException($"no engine runs it yet: {reason}");
        }
        var tensors = new GoldenTensors(Path.Combine(folder, model.GetProperty("tensors").GetString()!));
        for (var run = 0; run < model.GetProperty("runs").GetInt32(); run++)
        {
            foreach (var output in graph.Outputs)
            {
                if (Compare(graph, output.Name, tensors, run) is { } failure) return failure;
            }
        }
        return null;
    }

    private static string? Compare(Graph graph, string output, GoldenTensors tensors, int run)
    {
        var inputs = graph.Inputs.Select(i => Input(i.Name, tensors, $"run{run}.in.{i.Name}")).ToArray();
        var rows = (int)tensors.Shape($"run{run}.in.{graph.Inputs[0].Name}")[0];
        using var compiled = DenseCompiler.Compile(graph, new CompileOptions { Output = output });
        var expected = tensors.Floats($"run{run}.out.{output}");
        var actual = new float[rows * compiled.OutputWidth];
        if (actual.Length != expected.Length) return $"{output}: {actual.Length} values, expected {expected.Length}";
        compiled.Predict(new EncodedSet(rows, inputs), Enumerable.Range(0, rows).ToArray(), actual);
        var scale = expected.Max(Math.Abs);
        var largest = actual.Zip(expected, (a, e) => Math.Abs(a - e)).Max();
        return largest <= 1e-5 * scale ? null : FormattableString.Invariant($"run {run}, {output}: differs by {largest:E2}, largest value {scale:G4}");
    }

    private static EncodedInput Input(string name, GoldenTensors tensors, string key)
    {
        var width = (int)tensors.Shape(key).Skip(1).Aggregate(1L, (product, size) => product * size);
        return tensors.IsInteger(key) ? new IndexInput(name, width, tensors.Integers(key)) : new FloatInput(name, width, tensors.Floats(key));
    }
}
