using Attune.Graphs;

namespace Attune.Methods;

/// <summary>A weight that a node reads beside its data, directly or through nodes that only rearrange it (Transpose, Cast, Reshape, …).</summary>
/// <param name="Weight">Canonical name.</param>
/// <param name="Consumer">The node that joins it with data.</param>
/// <param name="Slot">Which of the consumer's inputs it is.</param>
/// <param name="Kind">What the consumer does with it.</param>
/// <param name="Path">Nodes between the weight and the consumer in data order; empty when it is read directly.</param>
public sealed record WeightUse(string Weight, Node Consumer, int Slot, WeightKind Kind, IReadOnlyList<Node> Path);
