using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using Attune.Weights;
using CsCheck;

namespace Attune.Tests.Graphs.Rewrites;

/// <summary>Every ONNX file of the golden folder, and of the folder that <c>ATTUNE_MODELS</c> names (with <c>NAME.check.safetensors</c> beside each): read, rewritten, written in every opset, run by ONNX Runtime.</summary>
public sealed class RewriteGoldenTests
{
    public static TheoryData<string> Models => [.. Directory.GetFiles(TestData.Golden("onnx"), "*.onnx").Concat(ModelFolder.Length == 0 ? [] : Directory.GetFiles(ModelFolder, "*.onnx")).Order(StringComparer.Ordinal)];

    private static string ModelFolder => Environment.GetEnvironmentVariable("ATTUNE_MODELS") ?? "";

    [Theory]
    [MemberData(nameof(Models))]
    public void Rewritten_files_give_the_expected_outputs_in_every_opset(string path)
    {
        using var scratch = TestData.NewFolder();
        var plain = OnnxReader.Read(path);
        var graph = OnnxReader.Read(path, OnnxReadOptions.ForTraining);
        AssertNoWeightLost(plain, graph);
        for (var opset = 17; opset <= 23; opset++)
        {
            Check(graph, path, scratch.File($"plain{opset}.onnx"), new OnnxWriteOptions { Opset = opset }, 1e-5);
            Check(graph, path, scratch.File($"folded{opset}.onnx"), new OnnxWriteOptions { Opset = opset, FoldBatchNorm = true }, 2e-5);
            // fifty convolutions deep, float16 rounding adds up to 1.3 %
            Check(graph, path, scratch.File($"half{opset}.onnx"), new OnnxWriteOptions { Opset = opset, FoldBatchNorm = true, Type = DataType.Float16 }, ModelFolder.Length > 0 && path.StartsWith(ModelFolder, StringComparison.Ordinal) ? 2e-2 : 1e-2);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_batch_axis_is_free_and_rows_do_not_see_each_other(string path)
    {
        var result = BatchAxis.MakeSymbolic(OnnxReader.Read(path));
        Assert.True(result.IsSymbolic, result.Reason);
        Assert.Equal(result.Graph.Inputs.Any(i => OnnxReader.Read(path).Inputs.Single(o => o.Name == i.Name).Shape![0].Size is not null), result.Changes.Count > 0);
        Assert.All(result.Graph.Inputs.Concat(result.Graph.Outputs), v => Assert.NotNull(v.Shape![0].Symbol));
        using var scratch = TestData.NewFolder();
        var file = scratch.File("free.onnx");
        OnnxWriter.Write(result.Graph, file);
        var (inputs, _) = Runs(path).First();
        (string, Tensor)[] three = [.. inputs.Select(i => (i.Name, Rows(i.Value, 0, 0, 0)))];
        for (var i = 0; i < three.Length; i++)
        {
            // three different rows of floats; integers stay what they are
            if (three[i].Item2.Type == DataType.Float) three[i].Item2.Data.Span<float>()[(int)(three[i].Item2.Count / 3)..].Reverse();
        }
        var together = OnnxRuntimeCheck.Run(file, three);
        for (var row = 0; row < 3; row++)
        {
            var alone = OnnxRuntimeCheck.Run(file, three.Select(i => (i.Item1, Rows(i.Item2, row))));
            foreach (var (name, value) in alone) OnnxRuntimeCheck.AssertEqual(value, Rows(together[name], row));
        }
    }

    [Theory]
    [InlineData("encoder_decomposed", "LayerNormalization", 5, "ReduceMean")]
    [InlineData("encoder_decomposed", "Gelu", 2, "Erf")]
    [InlineData("encoder_decomposed", "Attention", 2, "Softmax")]
    [InlineData("bert_exported", "LayerNormalization", 5, "ReduceMean")]
    [InlineData("bert_exported", "Gelu", 2, "Erf")]
    [InlineData("bert_exported", "Attention", 2, "Softmax")]
    [InlineData("encoder_fused", "Attention", 1, "Softmax")]
    [InlineData("mlp_torch", "Gelu", 1, "Erf")]
    public void Written_out_operators_are_found(string model, string op, int count, string gone)
    {
        var graph = OnnxReader.Read(Path.Combine(TestData.Golden("onnx"), $"{model}.onnx"), OnnxReadOptions.ForTraining);
        Assert.Equal(count, graph.Nodes.Count(n => n.Operator == op));
        Assert.DoesNotContain(graph.Nodes, n => n.Operator == gone);
    }

    [Fact]
    public void Damaged_files_rewritten_for_training_only_ever_give_an_Attune_exception()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("fuzz.onnx");
        byte[][] sources = [.. new[] { "mlp_torch", "convnet", "lstm", "encoder_decomposed", "encoder_fused" }.Select(n => File.ReadAllBytes(Path.Combine(TestData.Golden("onnx"), $"{n}.onnx")))];
        Gen.Select(Gen.Int[0, sources.Length - 1], Mutation.Gen).Sample((source, mutation) =>
        {
            File.WriteAllBytes(path, mutation.Apply(sources[source]));
            try { GraphPrinter.Print(OnnxReader.Read(path, OnnxReadOptions.ForTraining)); }
            catch (AttuneException) { /* the only way to fail */ }
        }, iter: 2000, threads: 1);
    }

    private static void Check(Graph graph, string source, string path, OnnxWriteOptions options, double tolerance)
    {
        OnnxWriter.Write(graph, path, options);
        foreach (var (inputs, outputs) in Runs(source))
        {
            var actual = OnnxRuntimeCheck.Run(path, inputs);
            foreach (var (output, expected) in outputs) Close(expected, actual[output], tolerance, $"{Path.GetFileName(path)} {output}");
        }
    }

    /// <summary>Relative to the largest value: what float16 keeps.</summary>
    private static void Close(Tensor expected, Tensor actual, double tolerance, string what)
    {
        Assert.Equal(expected.Sizes, actual.Sizes);
        Assert.Equal(expected.Type, actual.Type);
        if (expected.Type != DataType.Float) return;
        var (e, a) = (expected.Data.Span<float>().ToArray(), actual.Data.Span<float>().ToArray());
        var limit = tolerance * Math.Max(1, e.Max(Math.Abs));
        for (var i = 0; i < e.Length; i++) Assert.True(Math.Abs(e[i] - a[i]) <= limit, $"{what} element {i}: expected {e[i]}, got {a[i]}");
    }

    private static void AssertNoWeightLost(Graph plain, Graph rewritten)
    {
        var kept = rewritten.Weights.All.Where(w => w.Role != WeightRole.Constant).Select(w => (w.Name, w.Role)).OrderBy(w => w.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(plain.Weights.All.Where(w => w.Role != WeightRole.Constant).Select(w => (w.Name, w.Role)).OrderBy(w => w.Name, StringComparer.Ordinal), kept);
        Assert.Empty(GraphValidator.Validate(rewritten));
    }

    private static Tensor Rows(Tensor value, params int[] rows)
    {
        var row = value.Data.ByteLength / value.Sizes[0];
        var data = TensorBuffer.Allocate(row * rows.Length);
        for (var i = 0; i < rows.Length; i++) value.Data.Span<byte>(rows[i] * row, (int)row).CopyTo(data.Span<byte>(i * row, (int)row));
        return new Tensor(value.Type, [rows.Length, .. value.Sizes.Skip(1)], data);
    }

    private static IEnumerable<((string Name, Tensor Value)[] Inputs, (string Name, Tensor Value)[] Outputs)> Runs(string path)
    {
        var check = Path.ChangeExtension(path, ".check.safetensors");
        if (File.Exists(check))
        {
            var tensors = SafetensorsReader.Read(check).Weights.All;
            yield return (Part(tensors, "input."), Part(tensors, "output."));
            yield break;
        }
        var all = SafetensorsReader.Read(Path.ChangeExtension(path, ".safetensors")).Weights.All;
        for (var run = 0; all.Any(t => t.Name.StartsWith($"run{run}.", StringComparison.Ordinal)); run++) yield return (Part(all, $"run{run}.in."), Part(all, $"run{run}.out."));
    }

    private static (string, Tensor)[] Part(IReadOnlyList<Weight> tensors, string prefix) => [.. tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(t => (t.Name[prefix.Length..], t.Value))];
}
