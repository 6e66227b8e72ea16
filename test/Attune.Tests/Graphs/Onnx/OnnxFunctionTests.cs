using Attune.Graphs;
using Attune.Graphs.Onnx;
using CsCheck;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Onnx;

/// <summary>A model's own functions are unfolded: attributes of the call, defaults, nested calls, subgraphs; recursion and floods are refused.</summary>
public sealed class OnnxFunctionTests
{
    private const string Own = "pkg.own";
    private static readonly (string, Tensor) _x = ("x", Numbers(1, 2, 4));

    [Fact]
    public void Calls_are_replaced_by_bodies_with_their_attributes()
    {
        // leak(v, alpha = 0.5) = LeakyRelu(v); twice(v) = leak(leak(v, 0.1)) + leak(v)
        var leak = Function("leak", "v", "w", Ref(Node("LeakyRelu", "v", "w"), "alpha", "alpha"));
        Default(leak, "alpha", 0.5f);
        var twice = Function("twice", "v", "r", NodeOf(Node("leak", "v", "a", Own, ("alpha", 0.1f))), NodeOf(Node("leak", "a", "b", Own)), NodeOf(Node("leak", "v", "c", Own)), NodeOf(Node("Add", "b c", "r")));
        using var scratch = TestData.NewFolder();
        var path = Save(scratch.File("m.onnx"), Graph([Input("x", "B", 4)], ["y"], [Node("twice", "x", "h", Own), Node("twice", "h", "y", Own)]), leak, twice);
        var graph = AssertSame(path, new OnnxReadOptions(), 1e-6, _x);
        Assert.Equal(8, graph.Nodes.Count);
        Assert.Contains("h_node/a_node/w_node", graph.Nodes.Select(n => n.Name));
        Assert.Equal([0.1f, 0.5f, 0.5f], graph.Nodes.Where(n => n.Operator == "LeakyRelu").Take(3).Select(n => n.Attributes.Float("alpha")));
    }

    [Fact]
    public void A_function_may_pass_its_input_on_and_leave_inputs_out()
    {
        var pass = Function("pass", "v limit", "v r", NodeOf(Node("Clip", "v - limit", "r")));
        using var scratch = TestData.NewFolder();
        var path = Save(scratch.File("m.onnx"), Graph([Input("x", "B", 4)], ["y"], [Node("pass", "x", "p q", Own), Node("Mul", "p q", "y")]), pass);
        // ONNX Runtime itself refuses functions that pass an input on
        OnnxWriter.Write(OnnxReader.Read(path), scratch.File("again.onnx"));
        OnnxRuntimeCheck.AssertEqual(Tensor.Of([.. _x.Item2.Data.Span<float>().ToArray().Select(v => v * v)], 2, 4), OnnxRuntimeCheck.Run(scratch.File("again.onnx"), [_x])["y"]);
    }

    [Fact]
    public void A_function_with_an_older_operator_set_keeps_its_meaning()
    {
        using var scratch = TestData.NewFolder();
        var old = Function("old", "v", "r", 12, NodeOf(Node("Softmax", "v", "r", "", ("axis", 0L))));
        var graph = OnnxReader.Read(Save(scratch.File("m.onnx"), Graph([Input("x", "B", 4)], ["y"], [Node("old", "x", "y", Own)]), old));
        Assert.Contains(graph.Nodes, n => n.Operator == "Flatten");
    }

    [Fact]
    public void Recursion_floods_and_foreign_references_are_refused()
    {
        using var scratch = TestData.NewFolder();
        var main = Graph([Input("x", "B", 4)], ["y"], [Node("f0", "x", "y", Own)]);
        var loop = Save(scratch.File("loop.onnx"), main, Function("f0", "v", "r", NodeOf(Node("f0", "v", "r", Own))));
        Assert.Contains("calls itself", Assert.Throws<DataFormatException>(() => OnnxReader.Read(loop)).Message, StringComparison.Ordinal);
        var flood = Enumerable.Range(0, 31).Select(i => Function($"f{i}", "v", "r", NodeOf(Node($"f{i + 1}", "v", "a", Own)), NodeOf(Node($"f{i + 1}", "a", "r", Own)))).Append(Function("f31", "v", "r", NodeOf(Node("Relu", "v", "r"))));
        Assert.Contains("unfold to more", Assert.Throws<DataFormatException>(() => OnnxReader.Read(Save(scratch.File("flood.onnx"), main, [.. flood]))).Message, StringComparison.Ordinal);
        var twice = Save(scratch.File("twice.onnx"), main, Function("f0", "v", "r", NodeOf(Node("Relu", "v", "r"))), Function("f0", "v", "r", NodeOf(Node("Tanh", "v", "r"))));
        Assert.Contains("defined twice", Assert.Throws<DataFormatException>(() => OnnxReader.Read(twice)).Message, StringComparison.Ordinal);
        var many = Save(scratch.File("many.onnx"), Graph([Input("x", "B", 4)], ["y"], [Node("f0", "x x", "y", Own)]), Function("f0", "v", "r", NodeOf(Node("Relu", "v", "r"))));
        Assert.Contains("2 inputs", Assert.Throws<DataFormatException>(() => OnnxReader.Read(many)).Message, StringComparison.Ordinal);
        var outside = Model(Graph([Input("x", "B", 4)], ["y"], []), Ref(Node("LeakyRelu", "x", "y"), "alpha", "alpha"));
        using (var stream = File.Create(scratch.File("outside.onnx"))) outside.WriteTo(stream);
        Assert.Contains("outside", Assert.Throws<DataFormatException>(() => OnnxReader.Read(scratch.File("outside.onnx"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_with_functions_subgraphs_and_quantized_nodes_only_ever_give_an_Attune_exception()
    {
        using var scratch = TestData.NewFolder();
        var path = scratch.File("fuzz.onnx");
        var then = new Graph("then", [], [new("t", DataType.Float, null)], [Node("Relu", "x", "t")], new Attune.Weights.WeightStore());
        var otherwise = new Graph("else", [], [new("e", DataType.Float, null)], [Node("leak", "x", "e", Own, ("alpha", 0.2f))], new Attune.Weights.WeightStore());
        var leak = Function("leak", "v", "w", Ref(Node("LeakyRelu", "v", "w"), "alpha", "alpha"));
        (string, Tensor)[] weights = [("q", Bytes(1, DataType.Int8, 4, 4)), ("s", Tensor.Of([0.1f])), ("z", Integers(DataType.Int8, 1)), ("u", Integers(DataType.UInt8, 1)), ("g", Numbers(1, 4)), ("c", new Tensor(DataType.Bool, [], TensorBuffer.From<byte>([1])))];
        Node[] nodes =
        [
            Node("If", "c", "h", "", ("then_branch", then), ("else_branch", otherwise)), Node("leak", "h", "l", Own), Node("QuantizeLinear", "l s u", "xq"), Node("QLinearMatMul", "xq s u q s z s u", "mq"), Node("DequantizeLinear", "mq s u", "d"),
            Node("DynamicQuantizeLinear", "d", "dq ds dz"), Node("MatMulInteger", "dq q dz z", "i"), Node("Cast", "i", "f", "", ("to", 1L)), Node("Mul", "ds s", "sc"), Node("Mul", "f sc", "m"), Node("SkipLayerNormalization", "m m g g", "k", "com.microsoft"),
            Node("FastGelu", "k g", "n", "com.microsoft"), Node("Reshape", "n shape", "y"),
        ];
        var source = File.ReadAllBytes(Save(path, Graph([Input("x", 1, 4)], ["y"], nodes, [.. weights, ("shape", Tensor.Of([1L, -1], 2))]), leak));
        Assert.NotEmpty(OnnxReader.Read(path, OnnxReadOptions.ForTraining).Nodes);
        Gen.Select(Mutation.Gen, Gen.Bool).Sample((mutation, training) =>
        {
            File.WriteAllBytes(path, mutation.Apply(source));
            try { GraphPrinter.Print(OnnxReader.Read(path, training ? OnnxReadOptions.ForTraining : null)); }
            catch (AttuneException) { /* the only way to fail */ }
        }, iter: 4000, threads: 1);
    }

    private static WireMessage Function(string name, string inputs, string outputs, params WireMessage[] nodes) => Function(name, inputs, outputs, 17, nodes);

    private static WireMessage Function(string name, string inputs, string outputs, int opset, params WireMessage[] nodes)
    {
        var message = new WireMessage();
        message.Text(1, name);
        foreach (var input in inputs.Split(' ')) message.Text(4, input);
        foreach (var output in outputs.Split(' ')) message.Text(5, output);
        foreach (var node in nodes) message.Message(7, node);
        message.Message(9, Opset("", opset));
        message.Message(9, Opset(Own, 1));
        message.Text(10, Own);
        return message;
    }

    private static void Default(WireMessage function, string name, float value)
    {
        var attribute = new WireMessage();
        attribute.Text(1, name);
        attribute.Float(2, value);
        attribute.Int(20, 1);
        function.Message(11, attribute);
    }

    /// <summary>A node whose attribute is the call's.</summary>
    private static WireMessage Ref(Node node, string attribute, string reference)
    {
        var message = NodeOf(node);
        var pointer = new WireMessage();
        pointer.Text(1, attribute);
        pointer.Text(21, reference);
        pointer.Int(20, 1);
        message.Message(5, pointer);
        return message;
    }

    private static WireMessage NodeOf(Node node) => OnnxWriter.NodeOf(node);

    private static WireMessage Model(Graph graph, params WireMessage[] nodes)
    {
        var inner = OnnxWriter.GraphOf(graph, null);
        foreach (var node in nodes) inner.Message(1, node);
        var model = new WireMessage();
        model.Int(1, 9);
        model.Message(7, inner);
        model.Message(8, Opset("", 17));
        foreach (var domain in new[] { Own, "com.microsoft" }) model.Message(8, Opset(domain, 1));
        return model;
    }

    private static string Save(string path, Graph graph, params WireMessage[] functions)
    {
        var model = Model(graph);
        foreach (var function in functions) model.Message(25, function);
        using var stream = File.Create(path);
        model.WriteTo(stream);
        return path;
    }

    private static WireMessage Opset(string domain, long version)
    {
        var message = new WireMessage();
        message.Text(1, domain);
        message.Int(2, version);
        return message;
    }
}
