using Attune.Graphs;
using Attune.Graphs.Onnx;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Onnx;

/// <summary>ONNX Runtime's own operators, read as standard ones, give what ONNX Runtime gives on the original file.</summary>
public sealed class ContribOperatorTests
{
    private const string Contrib = "com.microsoft";
    private static readonly (string, Tensor) _x = ("x", Numbers(1, 2, 5, 8));

    [Theory]
    [InlineData("Gelu", "x")]
    [InlineData("FastGelu", "x")]
    [InlineData("FastGelu", "x w")]
    [InlineData("BiasGelu", "x w")]
    [InlineData("QuickGelu", "x")]
    [InlineData("SkipLayerNormalization", "x x w v")]
    [InlineData("SkipLayerNormalization", "x x w v u")]
    [InlineData("SkipSimplifiedLayerNormalization", "x x w u")]
    public void One_node_on_tokens(string op, string inputs)
        => Check([Node(op, inputs, "y", Contrib)], [_x], ("w", Numbers(2, 8)), ("v", Numbers(3, 8)), ("u", Numbers(4, 8)));

    [Fact]
    public void The_residual_sum_of_a_normalisation_can_be_read_too()
    {
        var node = new Node("n", "SkipLayerNormalization", ["x", "x", "w", "v", "u"], ["n.out", "", "", "sum"], Attributes.Of(("epsilon", 1e-5f)), Contrib);
        Check([node, Node("Add", "n.out sum", "y")], [_x], ("w", Numbers(2, 8)), ("v", Numbers(3, 8)), ("u", Numbers(4, 8)));
    }

    [Fact]
    public void Simplified_layer_normalisation_of_the_standard_domain_is_an_RMS_normalisation()
    {
        var graph = Check([Node("SimplifiedLayerNormalization", "x w", "y", "", ("axis", -1L), ("epsilon", 1e-3f), ("stash_type", 1L))], [_x], ("w", Numbers(2, 8)));
        Assert.Equal("RMSNormalization", Assert.Single(graph.Nodes).Operator);
    }

    [Theory]
    [InlineData("Relu", new float[0])]
    [InlineData("Tanh", new float[0])]
    [InlineData("LeakyRelu", new[] { 0.3f })]
    [InlineData("Clip", new[] { -0.5f, 0.75f })]
    [InlineData("HardSigmoid", new[] { 0.3f, 0.4f })]
    public void A_convolution_with_its_activation(string activation, float[] numbers)
    {
        (string, object)[] attributes = [("activation", activation), ("kernel_shape", new[] { 3L, 3 }), ("pads", new[] { 1L, 1, 1, 1 })];
        if (numbers.Length > 0) attributes = [.. attributes, ("activation_params", numbers)];
        Check([Node("FusedConv", "x w b", "y", Contrib, attributes)], [("x", Numbers(1, 2, 3, 6, 6))], ("w", Numbers(2, 4, 3, 3, 3)), ("b", Numbers(3, 4)));
    }

    [Fact]
    public void A_convolution_with_a_residual_sum()
        => Check([Node("FusedConv", "x w b x", "y", Contrib, ("activation", "Relu"), ("kernel_shape", new[] { 1L, 1 }))], [("x", Numbers(1, 2, 3, 6, 6))], ("w", Numbers(2, 3, 3, 1, 1)), ("b", Numbers(3, 3)));

    [Fact]
    public void Fused_products()
    {
        Check([Node("FusedMatMul", "x w", "y", Contrib, ("alpha", 0.5f), ("transB", 1L))], [_x], ("w", Numbers(2, 3, 8)));
        Check([Node("FusedMatMul", "x x", "y", Contrib, ("transA", 1L))], [_x]);
        Check([Node("FusedGemm", "x w b", "y", Contrib, ("activation", "Relu"), ("transB", 1L))], [("x", Numbers(1, 3, 8))], ("w", Numbers(2, 4, 8)), ("b", Numbers(3, 4)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Packed_attention(bool causal)
    {
        var graph = Check([Node("Attention", "x w b", "y", Contrib, ("num_heads", 2L), ("unidirectional", causal ? 1L : 0L))], [_x], ("w", Numbers(2, 8, 24)), ("b", Numbers(3, 24)));
        Assert.Contains(graph.Nodes, n => n is { Operator: "Attention", Domain: "" });
    }

    [Fact]
    public void Packed_attention_with_a_padding_mask()
        => Check([Node("Attention", "x w b mask", "y", Contrib, ("num_heads", 2L))], [_x, ("mask", new Tensor(DataType.Int32, [2, 5], TensorBuffer.From<int>([1, 1, 1, 0, 0, 1, 1, 1, 1, 1])))], ("w", Numbers(2, 8, 24)), ("b", Numbers(3, 24)));

    [Fact]
    public void Multi_head_attention()
    {
        Check([Node("MultiHeadAttention", "x k v", "y", Contrib, ("num_heads", 2L))], [_x, ("k", Numbers(5, 2, 7, 8)), ("v", Numbers(6, 2, 7, 8))]);
        Check([Node("MultiHeadAttention", "x k v b - bias", "y", Contrib, ("num_heads", 2L), ("scale", 0.3f))], [_x, ("k", Numbers(5, 2, 7, 8)), ("v", Numbers(6, 2, 7, 8)), ("bias", Numbers(7, 2, 2, 5, 7))], ("b", Numbers(8, 24)));
    }

    [Fact]
    public void Embeddings_with_their_normalisation()
    {
        (string, Tensor)[] inputs = [("ids", new Tensor(DataType.Int32, [2, 3], TensorBuffer.From<int>([1, 4, 0, 2, 2, 5]))), ("segments", new Tensor(DataType.Int32, [2, 3], TensorBuffer.From<int>([0, 1, 1, 0, 0, 1])))];
        var node = new Node("e", "EmbedLayerNormalization", ["ids", "segments", "words", "positions", "types", "g", "b"], ["y", ""], Attributes.Of(("epsilon", 1e-6f)), Contrib);
        Check([node], inputs, ("words", Numbers(1, 6, 8)), ("positions", Numbers(2, 10, 8)), ("types", Numbers(3, 2, 8)), ("g", Numbers(4, 8)), ("b", Numbers(5, 8)));
    }

    [Theory]
    [InlineData("Attention", "x w b - past", "past keys")]
    [InlineData("FusedConv", "x w", "Quake")]
    [InlineData("SkipLayerNormalization", "x", "needs at least")]
    [InlineData("GroupQueryAttention", "x x x", "not one that Attune runs")]
    public void What_has_no_plain_meaning_is_refused_by_name(string op, string inputs, string words)
    {
        using var scratch = TestData.NewFolder();
        var graph = Graph([Input("x", 2, 5, 8), Input("past", 2, 2, 2, 3, 4)], ["y"], [Node(op, inputs, "y", Contrib, ("num_heads", 2L), ("activation", "Quake"))], ("w", Numbers(2, 8, 24)), ("b", Numbers(3, 24)));
        var error = Assert.Throws<DataFormatException>(() => OnnxReader.Read(Save(graph, scratch.File("m.onnx"))));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("'y_node'", error.Message, StringComparison.Ordinal);
    }

    private static Graph Check(Node[] nodes, (string Name, Tensor Value)[] inputs, params (string Name, Tensor Value)[] weights)
    {
        using var scratch = TestData.NewFolder();
        var graph = Graph([.. inputs.Select(i => new ValueInfo(i.Name, i.Value.Type, Shape.Of([.. i.Value.Sizes])))], ["y"], nodes, weights);
        var read = AssertSame(Save(graph, scratch.File("m.onnx")), new OnnxReadOptions(), 2e-5, inputs);
        Assert.All(read.Nodes, n => Assert.Equal("", n.Domain));
        return read;
    }
}
