using Attune.Weights;

namespace Attune.Graphs;

/// <summary>
/// A model: nodes in topological order over named values, graph inputs and outputs with symbolic shapes, and the weights that nodes name as inputs.
/// Immutable but for the bytes of its weights; <see cref="GraphBuilder"/> makes new ones.
/// </summary>
public sealed record Graph(
    string Name,
    IReadOnlyList<ValueInfo> Inputs,
    IReadOnlyList<ValueInfo> Outputs,
    IReadOnlyList<Node> Nodes,
    WeightStore Weights)
{
    /// <summary>The ONNX operator set whose meaning the nodes have inside Attune.</summary>
    public const int OperatorSet = 23;

    /// <summary>Free text about origin, kept in ONNX's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
