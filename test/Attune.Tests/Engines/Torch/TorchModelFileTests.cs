using System.IO.Compression;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Tests.Golden;
using Attune.Tests.NodeTests;

namespace Attune.Tests.Engines.Torch;

/// <summary>Trained models of the folder that <c>ATTUNE_MODELS</c> names, NAME.onnx or NAME.onnx.gz with <c>NAME.check.safetensors</c> beside it: what the libtorch engine gives.</summary>
public sealed class TorchModelFileTests
{
    [Fact]
    public void Models_give_the_expected_outputs_also_when_read_for_training()
    {
        var folder = Environment.GetEnvironmentVariable("ATTUNE_MODELS") ?? "";
        Assert.SkipUnless(Directory.Exists(folder), "ATTUNE_MODELS names no folder with models");
        Assert.SkipUnless(TorchRuntime.Load().Load != TorchLoad.NotAvailable, "libtorch is not available");
        var problems = new List<string>();
        var count = 0;
        foreach (var path in Directory.GetFiles(folder, "*.onnx*").Where(p => Path.GetExtension(p) is ".onnx" or ".gz").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path)[..Path.GetFileName(path).IndexOf(".onnx", StringComparison.Ordinal)];
            using var scratch = TestFiles.Folder();
            var file = path.EndsWith(".gz", StringComparison.Ordinal) ? Unpacked(path, Path.Combine(scratch.Path, name + ".onnx")) : path;
            var expected = new GoldenTensors(Path.Combine(folder, name + ".check.safetensors"));
            foreach (var options in new[] { new OnnxReadOptions(), OnnxReadOptions.ForTraining })
                problems.AddRange(Check(OnnxReader.Read(file, options), expected).Select(p => $"{name}: {p}"));
            count++;
        }
        Assert.NotEqual(0, count);
        Assert.Empty(problems);
    }

    private static IEnumerable<string> Check(Graph graph, GoldenTensors expected)
    {
        var actual = TorchEvaluator.Run(graph, graph.Inputs.ToDictionary(i => i.Name, i => Value(expected, $"input.{i.Name}")));
        foreach (var output in graph.Outputs)
        {
            var wanted = Value(expected, $"output.{output.Name}");
            var scale = NodeTestRunner.Numbers(wanted).Select(Math.Abs).Max();
            if (NodeTestRunner.Difference(wanted, actual[output.Name], 1e-5, 1e-5 * scale) is { } difference) yield return $"{output.Name}: {difference}";
        }
    }

    private static Tensor Value(GoldenTensors tensors, string key)
        => tensors.IsInteger(key) ? Tensor.Of(Array.ConvertAll(tensors.Integers(key), v => (long)v), tensors.Shape(key)) : Tensor.Of(tensors.Floats(key), tensors.Shape(key));

    private static string Unpacked(string path, string target)
    {
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var file = File.Create(target);
        packed.CopyTo(file);
        return target;
    }
}
