using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>A graph under rewriting: nodes and constants are appended under names that are not taken.</summary>
/// <param name="graph">The graph before.</param>
internal sealed class NodeAppender(Graph graph)
{
    private readonly HashSet<string> _names = HeadReplacement.NamesOf(graph);

    /// <summary>Weights; those of the graph before are there.</summary>
    public WeightStore Weights { get; } = new(graph.Weights.All);

    /// <summary>Nodes so far; none at first.</summary>
    public List<Node> Nodes { get; } = [];

    /// <summary>Appends a node with one output, and gives its name.</summary>
    public string Node(string name, string op, IReadOnlyList<string> inputs, Attributes? attributes = null, string? output = null)
    {
        Nodes.Add(new Node(Unique(name), op, inputs, [output ?? Unique(name + ".out")], attributes ?? Attributes.None));
        return Nodes[^1].Outputs[0];
    }

    /// <summary>Adds a constant, and gives its name.</summary>
    public string Constant(string name, Tensor value)
    {
        name = Unique(name);
        Weights.Add(name, value, WeightRole.Constant);
        return name;
    }

    /// <summary>Adds a row of integers, and gives its name.</summary>
    public string Integers(string name, params long[] values) => Constant(name, Tensor.Of(values, values.Length));

    /// <summary>A name that is not taken.</summary>
    public string Unique(string hint) => HeadReplacement.Unique(_names, hint);
}
