using Attune.Graphs;
using Attune.Models;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Puts bottleneck adapters behind sublayers: y ← y + U·f(D·y + d) + u, with U and u zero at first. Values keep their names.</summary>
/// <param name="graph">The network.</param>
/// <param name="activation">f: gelu, relu, silu or tanh.</param>
/// <param name="seed">Seed of D.</param>
internal sealed class BottleneckRewrite(Graph graph, string activation, ulong seed)
{
    /// <summary>Ends of the names of an adapter's weights, behind the name of the projection it stands behind: D [r, width], d [r], U [width, r], u [width].</summary>
    public static readonly string[] Ends = [".adapter.down.weight", ".adapter.down.bias", ".adapter.up.weight", ".adapter.up.bias"];

    private readonly NodeAppender _nodes = new(graph);

    /// <summary>The graph with the adapters in it.</summary>
    /// <param name="sites">Where they stand; places behind one projection share an adapter.</param>
    /// <param name="sizeOf">Width r of the bottleneck at a place.</param>
    public Graph Run(IReadOnlyList<BottleneckSite> sites, Func<BottleneckSite, int> sizeOf)
    {
        var bySum = sites.ToDictionary(s => s.Sum, s => s, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            if (!bySum.TryGetValue(node, out var site))
            {
                _nodes.Nodes.Add(node);
                continue;
            }
            var adapted = Append(site, sizeOf(site));
            _nodes.Nodes.Add(node with { Inputs = [.. node.Inputs.Select((input, slot) => slot == site.Slot ? adapted : input)] });
        }
        return graph with { Nodes = _nodes.Nodes, Weights = _nodes.Weights };
    }

    private string Append(BottleneckSite site, int size)
    {
        var stem = site.Stem;
        string[] names = [.. Ends.Select(end => stem + end)];
        if (!_nodes.Weights.Contains(names[0]))
        {
            var type = graph.Weights[site.Use.Weight].Value.Type;
            _nodes.Weights.Add(names[0], Mlp.Uniform(seed, names[0], 1 / Math.Sqrt(site.Width), size, site.Width).ToFloating(type));
            _nodes.Weights.Add(names[1], Tensor.Of(new float[size], size).ToFloating(type));
            _nodes.Weights.Add(names[2], Tensor.Of(new float[site.Width * size], site.Width, size).ToFloating(type));
            _nodes.Weights.Add(names[3], Tensor.Of(new float[site.Width], site.Width).ToFloating(type));
        }
        var narrow = Activated(stem, Linear(stem + ".adapter.down", site.Value, names[0], names[1]));   // [.., r]
        return _nodes.Node(stem + ".adapter", "Add", [site.Value, Linear(stem + ".adapter.up", narrow, names[2], names[3])]);
    }

    private string Linear(string name, string x, string weight, string bias)
    {
        var turned = _nodes.Node(name + ".transposed", "Transpose", [weight], Attributes.Of(("perm", (long[])[1, 0])));
        return _nodes.Node(name + ".add", "Add", [_nodes.Node(name, "MatMul", [x, turned]), bias]);
    }

    private string Activated(string stem, string x) => activation switch
    {
        "gelu" => _nodes.Node(stem + ".adapter.gelu", "Gelu", [x]),
        "relu" => _nodes.Node(stem + ".adapter.relu", "Relu", [x]),
        "silu" => _nodes.Node(stem + ".adapter.silu", "Mul", [x, _nodes.Node(stem + ".adapter.sigmoid", "Sigmoid", [x])]),
        "tanh" => _nodes.Node(stem + ".adapter.tanh", "Tanh", [x]),
        _ => throw new InvalidOperationException($"There is no activation '{activation}'."),
    };
}
