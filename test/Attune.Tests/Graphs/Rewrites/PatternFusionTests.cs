using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Rewrites;

/// <summary>Written-out operators are found in the orders in which exporters write them; results stay, look-alikes are left alone.</summary>
public sealed class PatternFusionTests
{
    private static readonly (string, Tensor) _x = ("x", Numbers(1, 2, 4, 6));

    [Theory]
    [InlineData("Div x r|Erf|Add one|Mul x|Mul half", "Gelu")]
    [InlineData("Mul x q|Erf|Add one|Mul half|Mul x", "Gelu")]
    [InlineData("Add x three|Clip zero six|Mul x|Div six", "HardSwish")]
    [InlineData("Add x three|Clip zero six|Div six|Mul x", "HardSwish")]
    [InlineData("HardSigmoid x|Mul x", "HardSwish")]
    [InlineData("Add x three|Clip zero five|Mul x|Div six", null)]
    [InlineData("Sigmoid x|Mul x", null)]
    [InlineData("Div x r|Erf|Add half|Mul x|Mul half", null)]
    public void Activations(string chain, string? expected)
    {
        var graph = Check(Chain(chain, ("alpha", 1f / 6), ("beta", 0.5f)), Constants);
        if (expected is null) Assert.DoesNotContain(graph.Nodes, n => n.Operator is "Gelu" or "HardSwish");
        else Assert.Equal(expected, Assert.Single(graph.Nodes).Operator);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tanh_GELU_with_a_power_or_with_products(bool power)
    {
        Node[] cubic = power ? [Node("Pow", "x exponent", "c")] : [Node("Mul", "x x", "s"), Node("Mul", "s x", "c")];
        var graph = Check([.. cubic, Node("Mul", "c k", "d"), Node("Add", "x d", "e"), Node("Mul", "e p", "f"), Node("Tanh", "f", "g"), Node("Add", "one g", "h"), Node("Mul", "x half", "i"), Node("Mul", "i h", "y")],
            [.. Constants, ("exponent", Tensor.Of([3f])), ("k", Tensor.Of([0.044715f])), ("p", Tensor.Of([0.7978846f]))]);
        Assert.Equal("tanh", Assert.Single(graph.Nodes).Attributes.Text("approximate"));
    }

    [Theory]
    [InlineData("Pow")]
    [InlineData("Mul")]
    [InlineData("twice")]
    public void Layer_normalisation_keeps_its_weights_names(string square)
    {
        Node[] nodes =
        [
            Node("ReduceMean", "x axes", "m"), Node("Sub", "x m", "c"), Node("Sub", "x m", "c2"), square == "Mul" ? Node("Mul", "c c", "s") : Node("Pow", (square == "twice" ? "c2" : "c") + " two", "s"), Node("ReduceMean", "s axes", "v"),
            Node("Add", "v eps", "e"), Node("Sqrt", "e", "r"), Node("Div", "c r", "n"), Node("Mul", "n gamma", "g"), Node("Add", "g beta", "y"),
        ];
        if (square != "twice") nodes = [.. nodes.Where(n => n.Outputs[0] != "c2")];
        var graph = Check(nodes, [.. Constants, ("axes", Tensor.Of([-1L], 1)), ("eps", Tensor.Of([1e-3f])), ("gamma", Numbers(2, 6)), ("beta", Numbers(3, 6))]);
        var node = Assert.Single(graph.Nodes);
        Assert.Equal("LayerNormalization", node.Operator);
        Assert.Equal(["x", "gamma", "beta"], node.Inputs);
        Assert.Equal(1e-3f, node.Attributes.Float("epsilon"));
        Assert.Equal(["beta", "gamma"], graph.Weights.All.Where(w => w.Role == Attune.Weights.WeightRole.Parameter).Select(w => w.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Div")]
    [InlineData("Reciprocal")]
    [InlineData("Pow")]
    public void RMS_normalisation(string form)
    {
        Node[] end = form switch
        {
            "Div" => [Node("Sqrt", "e", "r"), Node("Div", "x r", "n")],
            "Reciprocal" => [Node("Sqrt", "e", "r"), Node("Reciprocal", "r", "i"), Node("Mul", "x i", "n")],
            _ => [Node("Pow", "e minus", "i"), Node("Mul", "i x", "n")],
        };
        var graph = Check([Node("Pow", "x two", "s"), Node("ReduceMean", "s axes", "v"), Node("Add", "v eps", "e"), .. end, Node("Mul", "gamma n", "y")],
            [.. Constants, ("axes", Tensor.Of([2L], 1)), ("eps", Tensor.Of([1e-5f])), ("gamma", Numbers(2, 6)), ("minus", Tensor.Of([-0.5f]))]);
        Assert.Equal("RMSNormalization", Assert.Single(graph.Nodes).Operator);
    }

    [Fact]
    public void Normalisation_over_another_axis_or_with_a_foreign_weight_is_left_alone()
    {
        Node[] nodes = [Node("Pow", "x two", "s"), Node("ReduceMean", "s axes", "v"), Node("Add", "v eps", "e"), Node("Sqrt", "e", "r"), Node("Div", "x r", "n"), Node("Mul", "gamma n", "y")];
        Assert.Equal(6, Check(nodes, [.. Constants, ("axes", Tensor.Of([1L], 1)), ("eps", Tensor.Of([1e-5f])), ("gamma", Numbers(2, 6))]).Nodes.Count);
        Assert.Equal(6, Check(nodes, [.. Constants, ("axes", Tensor.Of([2L], 1)), ("eps", Tensor.Of([1e-5f])), ("gamma", Numbers(2, 1))]).Nodes.Count);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Attention(bool mask, bool turnedOnce)
    {
        var heads = Tensor.Of([0L, 0, 2, 3], 4);
        string[] keep = ["perm"];
        Node Turn(string from, string to, params long[] perm) => Node("Transpose", from, to, "", (keep[0], perm));
        Node[] key = turnedOnce ? [Turn("h", "kt", 0, 2, 3, 1)] : [Turn("h", "k", 0, 2, 1, 3), Turn("k", "kt", 0, 1, 3, 2)];
        Node[] scores = mask ? [Node("Add", "s2 mask", "s3")] : [Node("Identity", "s2", "s3")];
        Node[] nodes =
        [
            Node("Reshape", "x heads", "h"), Turn("h", "q", 0, 2, 1, 3), .. key, Turn("h", "v", 0, 2, 1, 3), Node("MatMul", "q kt", "s"), Node("Div", "s root", "s2"), .. scores,
            Node("Softmax", mask ? "s3" : "s2", "p", "", ("axis", -1L)), Node("MatMul", "p v", "c"), Turn("c", "y", 0, 2, 1, 3),
        ];
        if (!mask) nodes = [.. nodes.Where(n => n.Operator != "Identity")];
        var graph = Check(nodes, [.. Constants, ("heads", heads), ("root", Tensor.Of([1.7320508f])), ("mask", Numbers(9, 1, 1, 1, 4))]);
        Assert.Single(graph.Nodes, n => n.Operator == "Attention");
        Assert.DoesNotContain(graph.Nodes, n => n.Operator is "Softmax" or "MatMul");
    }

    [Fact]
    public void A_value_that_others_read_stays()
    {
        var graph = Check([Node("Div", "x r", "a"), Node("Erf", "a", "b"), Node("Add", "b one", "c"), Node("Mul", "x c", "d"), Node("Mul", "d half", "e"), Node("Add", "e b", "y")], Constants);
        Assert.Contains(graph.Nodes, n => n.Operator == "Gelu");
        Assert.Contains(graph.Nodes, n => n.Operator == "Erf");
    }

    private static (string, Tensor)[] Constants =>
    [
        ("r", Tensor.Of([1.4142135f])), ("q", Tensor.Of([0.70710678f])), ("one", Tensor.Of([1f])), ("half", Tensor.Of([0.5f])), ("two", Tensor.Of([2f])), ("three", Tensor.Of([3f])), ("zero", Tensor.Of([0f])), ("five", Tensor.Of([5f])), ("six", Tensor.Of([6f])),
    ];

    /// <summary>"Op inputs|Op inputs": each step reads the one before as its first input.</summary>
    private static Node[] Chain(string text, params (string, object)[] hardSigmoid)
    {
        var steps = text.Split('|');
        return [.. steps.Select((step, i) =>
        {
            var words = step.Split(' ', 2);
            var inputs = i == 0 ? words[1] : words.Length == 1 ? $"v{i - 1}" : $"v{i - 1} {words[1]}";
            return Node(words[0], inputs, i == steps.Length - 1 ? "y" : $"v{i}", "", words[0] == "HardSigmoid" ? hardSigmoid : []);
        })];
    }

    private static Graph Check(Node[] nodes, params (string Name, Tensor Value)[] weights)
    {
        using var scratch = TestData.NewFolder();
        var read = nodes.SelectMany(n => n.Inputs).Except(nodes.SelectMany(n => n.Outputs)).ToHashSet();
        // reductions take their axes as an input from opset 18 on
        var graph = Graph([Input("x", "B", nodes.Any(n => n.Inputs.Contains("mask")) ? 4 : "T", 6)], ["y"], nodes, [.. weights.Where(w => read.Contains(w.Name))]);
        var path = Save(graph, scratch.File("m.onnx"), 20);
        return AssertSame(path, new OnnxReadOptions { Fuse = true }, 1e-5, _x);
    }
}
