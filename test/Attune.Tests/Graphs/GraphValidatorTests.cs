using Attune.Graphs;
using Attune.Weights;

namespace Attune.Tests.Graphs;

public sealed class GraphValidatorTests
{
    private static readonly ValueInfo _x = new("x", DataType.Float, new Shape("B", 4));

    [Fact]
    public void All_structural_problems_are_listed_at_once()
    {
        var graph = Make(
            new Node("a", "Relu", ["nothing"], ["p"], Attributes.None),
            new Node("b", "Tanh", ["x"], ["p"], Attributes.None),
            new Node("c", "Frobnicate", ["x"], ["q"], Attributes.None),
            new Node("d", "Gemm", ["x"], ["r"], Attributes.None),
            new Node("e", "Add", ["x", "f.out"], ["e.out"], Attributes.None),
            new Node("f", "Relu", ["e.out"], ["f.out"], Attributes.None));
        var problems = GraphValidator.Validate(graph);
        string[] expected = ["reads 'nothing'", "writes 'p'", "'Frobnicate' is not an ONNX operator", "has 1 inputs; the operator takes 2 to 3", "'f', 'e' form a cycle", "Graph output 'y'"];
        Assert.All(expected, e => Assert.Contains(problems, p => p.Contains(e, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, problems.Count);
    }

    [Theory]
    [InlineData("MatMul", "inner sizes")]
    [InlineData("Add", "do not broadcast")]
    [InlineData("Gemm", "inner sizes")]
    public void Shapes_that_do_not_fit_name_node_and_shapes(string op, string words)
    {
        var graph = Make(new Node("n", op, ["x", "w"], ["y"], Attributes.None));
        graph.Weights.Add("w", Tensor.Of(new float[15], 3, 5));
        var problem = Assert.Single(GraphValidator.Validate(graph));
        Assert.Contains("'n'", problem, StringComparison.Ordinal);
        Assert.Contains(words, problem, StringComparison.Ordinal);
        Assert.Contains("[3, 5]", words == "inner sizes" || op == "Add" ? problem : "[3, 5]", StringComparison.Ordinal);
    }

    [Fact]
    public void The_builder_refuses_an_invalid_graph_with_every_reason()
    {
        var g = new GraphBuilder("broken");
        var x = g.Input("x", DataType.Float, new Shape("B", 4));
        g.Output(g.Linear(x, "head"), "y", DataType.Float, new Shape("B", 2));
        Assert.Contains("'head.weight'", Assert.Throws<ArgumentException>(() => g.Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Declared_outputs_must_agree_with_the_nodes()
    {
        var graph = Make(new Node("n", "Relu", ["x"], ["y"], Attributes.None)) with { Outputs = [new("y", DataType.Int64, new Shape("B", 5))] };
        var problems = GraphValidator.Validate(graph);
        Assert.Equal(2, problems.Count);
        Assert.All(problems, p => Assert.Contains("declared", p, StringComparison.Ordinal));
    }

    [Fact]
    public void Unordered_nodes_are_sorted_and_ordered_ones_stay()
    {
        var graph = Make(new Node("b", "Tanh", ["p"], ["y"], Attributes.None), new Node("a", "Relu", ["x"], ["p"], Attributes.None));
        Assert.Contains("topological order", Assert.Single(GraphValidator.Validate(graph)), StringComparison.Ordinal);
        var sorted = GraphValidator.Sort(graph);
        Assert.Empty(GraphValidator.Validate(sorted));
        Assert.Equal(["a", "b"], sorted.Nodes.Select(n => n.Name));
        Assert.Equal(sorted.Nodes, GraphValidator.Sort(sorted).Nodes);
    }

    [Fact]
    public void Shape_arithmetic_keeps_symbols()
    {
        var weights = new WeightStore();
        weights.Add("zero", Tensor.Of([0L]), WeightRole.Constant);
        weights.Add("axes", Tensor.Of([0L], 1), WeightRole.Constant);
        weights.Add("rest", Tensor.Of([2L, -1], 2), WeightRole.Constant);
        var graph = new Graph("g", [new("x", DataType.Float, new Shape("B", 3, 4))], [new("y", DataType.Float, null)],
        [
            new Node("s", "Shape", ["x"], ["s"], Attributes.None),
            new Node("g", "Gather", ["s", "zero"], ["b"], Attributes.None),
            new Node("u", "Unsqueeze", ["b", "axes"], ["b1"], Attributes.None),
            new Node("c", "Concat", ["b1", "rest"], ["t"], Attributes.Of(("axis", 0L))),
            new Node("r", "Reshape", ["x", "t"], ["y"], Attributes.None),
        ], weights);
        Assert.Equal("[B, 2, 6]", ShapeInference.Infer(graph)["y"].Shape!.ToString());
    }

    private static Graph Make(params Node[] nodes) => new("g", [_x], [new("y", DataType.Float, null)], nodes, new WeightStore());
}
