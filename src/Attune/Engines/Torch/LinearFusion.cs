using Attune.Graphs;
using Attune.Weights;

namespace Attune.Engines.Torch;

/// <summary>
/// Linear layers that a graph writes as <c>Transpose</c> of a weight, <c>MatMul</c> and <c>Add</c> of a bias, found so that each is computed in one call. Values that something else
/// reads, too, stay as they are.
/// </summary>
internal sealed class LinearFusion
{
    private readonly Dictionary<Node, Layer> _layers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Node> _absorbed = new(ReferenceEqualityComparer.Instance);

    /// <summary>A layer y = x·Wᵀ + b.</summary>
    /// <param name="X">Name of x [..., in].</param>
    /// <param name="Weight">Name of W [out, in].</param>
    /// <param name="Bias">Name of b [out]; null for none.</param>
    internal sealed record Layer(string X, string Weight, string? Bias);

    /// <summary>Finds the layers of a graph.</summary>
    /// <param name="nodes">The nodes that are computed, in order.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="outputs">Values that have to exist under their names.</param>
    public LinearFusion(IReadOnlyList<Node> nodes, WeightStore weights, IReadOnlyCollection<string> outputs)
    {
        var readers = new Dictionary<string, List<Node>>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            foreach (var name in GraphSort.Reads(node).Distinct(StringComparer.Ordinal))
            {
                if (!readers.TryGetValue(name, out var list)) readers.Add(name, list = []);
                list.Add(node);
            }
        }
        var transposed = nodes.Where(n => IsPlain(n, "Transpose") && n.Attributes.Get<long[]>("perm") is null or [1, 0] && n.Operator == "Transpose" && Sizes(n.Inputs[0]) is [_, _]).ToDictionary(n => n.Outputs[0], n => n, StringComparer.Ordinal);
        foreach (var product in nodes.Where(n => IsPlain(n, "MatMul")))
        {
            if (!transposed.TryGetValue(product.Inputs[1], out var transpose)) continue;
            var (weight, name) = (transpose.Inputs[0], product.Outputs[0]);
            if (Only(name) is { } add && IsPlain(add, "Add") && add.Inputs[0] != add.Inputs[1] && Sizes(add.Inputs[add.Inputs[0] == name ? 1 : 0]) is [var size] && size == Sizes(weight)![0])
            {
                _layers.Add(add, new Layer(product.Inputs[0], weight, add.Inputs[add.Inputs[0] == name ? 1 : 0]));
                _absorbed.Add(product);
            }
            else _layers.Add(product, new Layer(product.Inputs[0], weight, null));
        }
        foreach (var transpose in transposed.Values)
        {
            if (!outputs.Contains(transpose.Outputs[0]) && readers.GetValueOrDefault(transpose.Outputs[0]) is { } list && list.TrueForAll(r => (_layers.ContainsKey(r) || _absorbed.Contains(r)) && r.Inputs[0] != transpose.Outputs[0])) _absorbed.Add(transpose);
        }

        bool IsPlain(Node node, string name) => node.Domain is "" or "ai.onnx" && node.Operator == name;
        IReadOnlyList<long>? Sizes(string name) => weights.TryGet(name, out var weight) && weight.Role == WeightRole.Parameter && weight.Value.Type.IsFloating() ? weight.Value.Sizes : null;
        Node? Only(string name) => !outputs.Contains(name) && readers.GetValueOrDefault(name) is [var single] ? single : null;
    }

    /// <summary>The layer whose output the node writes; null when the node is none.</summary>
    public Layer? Of(Node node) => _layers.GetValueOrDefault(node);

    /// <summary>True when a layer computes what the node would.</summary>
    public bool Absorbs(Node node) => _absorbed.Contains(node);
}
