using System.Text.Json;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Weights;
using CsCheck;

namespace Attune.Tests.Graphs;

public sealed class OnnxReaderTests
{
    public static TheoryData<string> BadOnnx => TestData.BadFiles("onnx");

    public static TheoryData<string> GoldenModels
    {
        get
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Golden("onnx"), "models.json")));
            return [.. json.RootElement.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("name").GetString()!)];
        }
    }

    [Theory]
    [MemberData(nameof(BadOnnx))]
    public void Broken_files_are_refused_with_a_reason_that_names_the_thing(string file)
    {
        var error = Assert.Throws<DataFormatException>(() => OnnxReader.Read(TestData.Bad(file)));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        string[] words = file switch
        {
            "truncated.onnx" => ["truncated"],
            "cycle.onnx" => ["cycle", "'n1'", "'n2'"],
            "undefined_input.onnx" => ["'fc'", "'w2'"],
            "duplicate_output.onnx" => ["'y'", "already"],
            "external_data_traversal.onnx" => ["'w'", "../../etc/passwd", "outside"],
            "dims_negative.onnx" => ["'w'", "negative", "-2"],
            "dims_huge.onnx" => ["'w'"],
            "unknown_op.onnx" => ["'FrobnicateV2'", "Node"],
            "wrong_element_type.onnx" => ["Gemm", "Float", "Int32", "'w'"],
            _ => [],
        };
        Assert.All(words, w => Assert.Contains(w, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(GoldenModels))]
    public void Golden_models_are_read_with_their_shapes(string name)
    {
        var folder = TestData.Golden("onnx");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "models.json")));
        var entry = json.RootElement.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("name").GetString() == name);
        var model = OnnxReader.ReadModel(Path.Combine(folder, $"{name}.onnx"));
        Assert.Empty(GraphValidator.Validate(model.Graph));
        Assert.Equal(entry.GetProperty("ir_version").GetInt64(), model.IrVersion);
        Assert.Equal(entry.GetProperty("outputs").EnumerateArray().Select(o => o.GetString()), model.Graph.Outputs.Select(o => o.Name));
        foreach (var input in entry.GetProperty("inputs").EnumerateObject())
            Assert.Equal($"[{string.Join(", ", input.Value.EnumerateArray().Select(d => d.ToString()))}]", model.Graph.Inputs.Single(i => i.Name == input.Name).Shape!.ToString());
        foreach (var initializer in entry.GetProperty("initializers").EnumerateObject())
            Assert.Equal(initializer.Value.EnumerateArray().Select(d => d.GetInt64()), model.Graph.Weights[initializer.Name].Value.Sizes);
        var values = ShapeInference.Infer(model.Graph);
        foreach (var (output, tensor) in Runs(name).SelectMany(r => r.Outputs))
        {
            var shape = values[output].Shape;
            Assert.NotNull(shape);
            Assert.Equal(tensor.Sizes.Count, shape.Rank);
            Assert.All(shape.Dimensions.Zip(tensor.Sizes), d => Assert.True(d.First.Size is null || d.First.Size == d.Second, $"{output}: {shape}"));
            Assert.Equal(tensor.Type, values[output].Type);
        }
        Assert.StartsWith($"graph {model.Graph.Name}:", GraphPrinter.Print(model.Graph), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GoldenModels))]
    public void Golden_models_written_again_give_the_golden_outputs_in_ONNX_Runtime(string name)
    {
        var graph = OnnxReader.Read(Path.Combine(TestData.Golden("onnx"), $"{name}.onnx"));
        using var scratch = TestData.NewFolder();
        foreach (var opset in new[] { 17, 18, 21, 23 })
        {
            var path = scratch.File($"{opset}.onnx");
            OnnxWriter.Write(graph, path, new OnnxWriteOptions { Opset = opset });
            foreach (var (inputs, outputs) in Runs(name))
            {
                var actual = OnnxRuntimeCheck.Run(path, inputs);
                foreach (var (output, expected) in outputs) OnnxRuntimeCheck.AssertEqual(expected, actual[output]);
            }
            Assert.Equal(graph.Weights.All.Where(w => w.Role != WeightRole.Constant).Select(w => (w.Name, w.Role)), OnnxReader.Read(path).Weights.All.Where(w => w.Role != WeightRole.Constant).Select(w => (w.Name, w.Role)));
        }
    }

    [Fact]
    public void Mutated_and_truncated_files_only_ever_give_an_Attune_exception()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("fuzz.onnx");
        byte[][] sources = [.. new[] { "mlp_gemm", "mlp_torch", "convnet", "operators", "lstm", "encoder_fused" }.Select(n => File.ReadAllBytes(Path.Combine(TestData.Golden("onnx"), $"{n}.onnx")))];
        Gen.Select(Gen.Int[0, sources.Length - 1], Mutation.Gen).Sample((source, mutation) =>
        {
            File.WriteAllBytes(path, mutation.Apply(sources[source]));
            try { GraphPrinter.Print(OnnxReader.Read(path)); }
            catch (AttuneException) { /* the only way to fail */ }
        }, iter: 2000, threads: 1);
    }

    [Theory]
    [InlineData("Softmax", 7, 1L)]
    [InlineData("LogSoftmax", 11, 0L)]
    [InlineData("Softmax", 12, 2L)]
    public void Softmax_before_opset_13_keeps_its_meaning(string op, int opset, long axis)
        => AssertUpgrade(opset, [new Node("", op, ["x"], ["y"], Attributes.Of(("axis", axis)))]);

    [Fact]
    public void Attributes_that_became_inputs_keep_their_meaning()
    {
        AssertUpgrade(7, [new Node("clip", "Clip", ["x"], ["y"], Attributes.Of(("min", -0.5f), ("max", 0.5f)))]);
        AssertUpgrade(9, [new Node("slice", "Slice", ["x"], ["y"], Attributes.Of(("starts", new[] { 1L }), ("ends", new[] { 3L }), ("axes", new[] { 1L })))]);
        AssertUpgrade(10, [new Node("pad", "Pad", ["x"], ["y"], Attributes.Of(("pads", new[] { 0L, 1, 0, 0, 0, 2 }), ("value", 1.5f)))]);
        AssertUpgrade(11, [new Node("u", "Unsqueeze", ["x"], ["u"], Attributes.Of(("axes", new[] { 0L }))), new Node("s", "Squeeze", ["u"], ["s"], Attributes.Of(("axes", new[] { 0L }))),
            new Node("r", "ReduceSum", ["s"], ["r"], Attributes.Of(("axes", new[] { 1L }), ("keepdims", 0L))), new Node("m", "ReduceMean", ["r"], ["y"], Attributes.Of(("axes", new[] { -1L })))]);
        AssertUpgrade(11, [new Node("split", "Split", ["x"], ["a", "b"], Attributes.Of(("axis", 1L), ("split", new[] { 1L, 2 }))), new Node("c", "Concat", ["b", "a"], ["y"], Attributes.Of(("axis", 1L)))]);
        AssertUpgrade(10, [new Node("drop", "Dropout", ["x"], ["d"], Attributes.Of(("ratio", 0.3f))), new Node("relu", "Relu", ["d"], ["y"], Attributes.None)]);
    }

    [Fact]
    public void Ranks_that_double_with_every_node_and_sizes_that_overflow_are_refused()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("hostile.onnx");
        Node[] doubling = [.. Enumerable.Range(0, 60).Select(i => new Node("", "Gather", [$"x{i}", $"x{i}"], [$"x{i + 1}"], Attributes.None))];
        Save(new Graph("g", [new("x0", DataType.Int64, Shape.Of(1, 1))], [new("x60", DataType.Int64, null)], doubling, new WeightStore()));
        Assert.Contains("rank 65", Assert.Throws<DataFormatException>(() => OnnxReader.Read(path)).Message, StringComparison.Ordinal);

        var weights = new WeightStore();
        weights.Add("target", Tensor.Of([1L << 40, 1L << 40], 2), WeightRole.Constant);
        Save(new Graph("g", [new("x", DataType.Float, Shape.Of(4))], [new("y", DataType.Float, null)], [new Node("r", "Reshape", ["x", "target"], ["y"], Attributes.None)], weights));
        Assert.Contains("'r'", Assert.Throws<DataFormatException>(() => OnnxReader.Read(path)).Message, StringComparison.Ordinal);

        void Save(Graph graph)
        {
            using var stream = File.Create(path);
            OnnxWriter.Model(graph, new OnnxWriteOptions()).WriteTo(stream);
        }
    }

    private static void AssertUpgrade(int opset, Node[] nodes)
    {
        using var scratch = TestData.NewFolder();
        var (before, after) = (scratch.File("before.onnx"), scratch.File("after.onnx"));
        var graph = new Graph("old", [new("x", DataType.Float, new Shape("B", 3, 4))], [new("y", DataType.Float, null)], nodes, new WeightStore());
        using (var stream = File.Create(before)) OnnxWriter.Model(graph, new OnnxWriteOptions { Opset = opset }).WriteTo(stream);
        OnnxWriter.Write(OnnxReader.Read(before), after);
        (string, Tensor)[] inputs = [("x", Tensor.Of([.. Enumerable.Range(0, 24).Select(i => MathF.Sin(i))], 2, 3, 4))];
        OnnxRuntimeCheck.AssertEqual(OnnxRuntimeCheck.Run(before, inputs)["y"], OnnxRuntimeCheck.Run(after, inputs)["y"]);
    }

    private static IEnumerable<((string, Tensor)[] Inputs, (string, Tensor)[] Outputs)> Runs(string name)
    {
        var tensors = SafetensorsReader.Read(Path.Combine(TestData.Golden("onnx"), $"{name}.safetensors")).Weights.All;
        for (var run = 0; tensors.Any(t => t.Name.StartsWith($"run{run}.", StringComparison.Ordinal)); run++)
            yield return (Part($"run{run}.in."), Part($"run{run}.out."));

        (string, Tensor)[] Part(string prefix) => [.. tensors.Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(t => (t.Name[prefix.Length..], t.Value))];
    }
}
