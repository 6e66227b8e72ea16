using System.Globalization;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// The last linear layer of a classifier or regressor: a Gemm, a MatMul (with the Add of its bias) or an ungrouped Conv with weights, behind which only shapes change, spatial
/// means are taken and at most one activation turns logits into probabilities.
/// </summary>
public sealed class GraphHead
{
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal) { "Cast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze" };
    private static readonly HashSet<string> Pools = new(StringComparer.Ordinal) { "AveragePool", "GlobalAveragePool", "ReduceMean" };
    private static readonly HashSet<string> Activations = new(StringComparer.Ordinal) { "LogSoftmax", "Sigmoid", "Softmax" };

    private GraphHead(ValueInfo output, Node node, WeightUse weight, Node? biasNode, WeightUse? bias, bool outputsFirst, Tensor value, List<Node> tail)
    {
        (Output, Node, WeightUse, BiasNode, BiasUse, Tail) = (output, node, weight, biasNode, bias, tail);
        OutputAxis = outputsFirst ? 0 : 1;
        Outputs = checked((int)value.Sizes[OutputAxis]);
        Inputs = checked((int)(value.Count / Math.Max(1, Outputs)));
    }

    /// <summary>The graph output that it makes.</summary>
    public ValueInfo Output { get; }

    /// <summary>The Gemm, MatMul or Conv.</summary>
    public Node Node { get; }

    /// <summary>Canonical name of the weight.</summary>
    public string Weight => WeightUse.Weight;

    /// <summary>Canonical name of the bias, or null.</summary>
    public string? Bias => BiasUse?.Weight;

    /// <summary>Weight and bias.</summary>
    public IReadOnlySet<string> Weights => Bias is null ? new HashSet<string> { Weight } : new HashSet<string> { Weight, Bias };

    /// <summary>The value that the head reads.</summary>
    public string Features => Node.Inputs[0];

    /// <summary>Values that one output is computed from: the width of <see cref="Features"/>, times the window of a Conv.</summary>
    public int Inputs { get; }

    /// <summary>Outputs per row.</summary>
    public int Outputs { get; }

    /// <summary>Softmax, LogSoftmax or Sigmoid between the logits and the output; null when the output are logits.</summary>
    public string? Activation => Tail.FirstOrDefault(IsActivation)?.Operator;

    /// <summary>Axis of the stored weight along which the outputs lie.</summary>
    internal int OutputAxis { get; }

    internal WeightUse WeightUse { get; }

    internal WeightUse? BiasUse { get; }

    /// <summary>The Add of a bias behind a MatMul.</summary>
    internal Node? BiasNode { get; }

    /// <summary>Nodes from the head (and its bias) to the output, in data order.</summary>
    internal IReadOnlyList<Node> Tail { get; }

    /// <summary>Finds the head that makes an output.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="output">Name of the output; null for the first.</param>
    /// <exception cref="WeightsException">The output is made in another way; says by what, and where the graph could be cut instead.</exception>
    public static GraphHead Find(Graph graph, string? output = null)
    {
        if (TryFind(new GraphFlow(graph), output, out var reason) is { } head) return head;
        var proposals = HeadProposal.For(graph, output).Select(p => p.Value).ToList();
        throw new WeightsException($"The head of '{graph.Name}' cannot be found: {reason} Say where a new head should stand with model.head-at{(proposals.Count == 0 ? "" : $"; candidates: {NearestName.Preview(proposals)}")}.");
    }

    internal static bool IsActivation(Node node) => node.Domain.Length == 0 && Activations.Contains(node.Operator);

    internal static GraphHead? TryFind(GraphFlow flow, string? name, out string reason)
    {
        var output = name is null ? flow.Graph.Outputs[0] : flow.Graph.Outputs.FirstOrDefault(o => o.Name == name)
            ?? throw new WeightsException($"Graph '{flow.Graph.Name}' has no output '{name}'.{NearestName.Hint(name, flow.Graph.Outputs.Select(o => o.Name))}");
        var tail = new List<Node>();
        var pooled = false;
        var node = flow.Writer(output.Name);
        while (node is not null && (Passing.Contains(node.Operator) || Pools.Contains(node.Operator) || IsActivation(node) || (pooled && node.Operator is "Relu" or "Clip")))
        {
            if (IsActivation(node) && tail.Any(IsActivation)) break;
            pooled |= Pools.Contains(node.Operator);
            tail.Insert(0, node);
            node = flow.Writer(node.Input(0));
        }
        reason = $"output '{output.Name}' is made by {(node is null ? "no node" : $"node '{node.Name}' ({node.QualifiedOperator})")}, not by a Gemm, MatMul or Conv with weights.";
        return node is null ? null : Linear(flow, output, node, tail);
    }

    private static GraphHead? Linear(GraphFlow flow, ValueInfo output, Node node, List<Node> tail)
    {
        Node? biasNode = null;
        WeightUse? bias = null;
        if (node is { Operator: "Add", Inputs.Count: 2 } && flow.UsesOf(node) is [{ Kind: WeightKind.Bias } added] && flow.Writer(node.Inputs[1 - added.Slot]) is { Operator: "MatMul" or "Gemm" or "Conv" } product)
            (biasNode, bias, node) = (node, added, product);
        if (flow.UsesOf(node).FirstOrDefault(u => u is { Slot: 1, Kind: WeightKind.Matrix }) is not { } use) return null;
        if (bias is not null && flow.UsesOf(node).Count > 1) return null;
        bias ??= flow.UsesOf(node).FirstOrDefault(u => u is { Slot: 2, Kind: WeightKind.Bias });
        var value = flow.Graph.Weights[use.Weight].Value;
        if (MatrixOrientation.Of(use, value) is not { } outputsFirst) return null;
        if (node.Operator == "Conv" && node.Attributes.Int("group", 1) != 1) return null;
        if (node.Operator == "Gemm" && node.Attributes.Int("transA") != 0) return null;
        return new GraphHead(output, node, use, biasNode, bias, outputsFirst, value, tail);
    }

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"head: {Node.Operator} '{Node.Name}' {Inputs} → {Outputs} ({Weight}{(Bias is null ? "" : $", {Bias}")}){(Activation is null ? "" : $", then {Activation}")}");
}
