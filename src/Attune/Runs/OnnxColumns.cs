using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Runs;

/// <summary>
/// Lets a network of others read the encoded columns of a table: its real inputs are cut, in order, from one input <c>features</c> [B, F], whatever their row shapes.
/// </summary>
internal static class OnnxColumns
{
    /// <summary>Numbers per row that the network's inputs take together.</summary>
    /// <exception cref="DataFormatException">An input is no real number of a fixed size per row.</exception>
    public static int WidthOf(string path, Graph network)
    {
        var width = 0L;
        foreach (var input in network.Inputs)
        {
            if (input.Type != DataType.Float || input.Shape is not { Rank: > 0 } shape || new Shape([.. shape.Dimensions.Skip(1)]).Known() is not { } sizes)
                throw new DataFormatException(path, null, null, $"has an input '{input.Name}' of {input.Type}{input.Shape?.ToString() ?? "[…]"}; the columns of a table can feed real numbers of a fixed size per row. Text needs a tokenizer and pictures a folder.");
            width = checked(width + Tensor.Product(sizes));
        }
        return checked((int)width);
    }

    /// <summary>The network behind one input <c>features</c> [B, <paramref name="features"/>].</summary>
    public static Graph Adapt(Graph network, int features)
    {
        var nodes = new List<Node>();
        var weights = new Weights.WeightStore(network.Weights.All);
        var names = network.Nodes.SelectMany(n => n.Outputs.Append(n.Name)).Concat(network.Weights.All.Select(w => w.Name)).Concat(network.Inputs.Select(i => i.Name)).ToHashSet(StringComparer.Ordinal);
        var source = Unique(TableEncoder.FeaturesName);
        if (source != TableEncoder.FeaturesName)
        {
            // A value of the network has the name that the encoder gives: it steps aside.
            network = Rename(network, TableEncoder.FeaturesName, source);
            weights = new Weights.WeightStore(network.Weights.All);
            source = TableEncoder.FeaturesName;
        }
        var first = 0L;
        foreach (var input in network.Inputs)
        {
            var sizes = new Shape([.. input.Shape!.Dimensions.Skip(1)]).Known()!;
            var width = Tensor.Product(sizes);
            var part = Unique(input.Name + ".columns");
            nodes.Add(new Node(part, "Slice", [source, Constant(part + ".start", [first]), Constant(part + ".end", [first + width]), Constant(part + ".axis", [1])], [part], Attributes.None));
            nodes.Add(new Node(Unique(input.Name + ".rows"), "Reshape", [part, Constant(part + ".shape", [-1, .. sizes])], [input.Name], Attributes.None));
            first += width;
        }
        var batch = network.Inputs[0].Shape![0];
        return network with { Inputs = [new ValueInfo(source, DataType.Float, new Shape(batch, features))], Nodes = [.. nodes, .. network.Nodes], Weights = weights };

        string Unique(string hint)
        {
            while (!names.Add(hint)) hint += "_";
            return hint;
        }

        string Constant(string hint, long[] values)
        {
            var name = Unique(hint);
            weights.Add(name, Tensor.Of(values, values.Length), Weights.WeightRole.Constant);
            return name;
        }
    }

    private static Graph Rename(Graph graph, string from, string to)
    {
        string Of(string name) => name == from ? to : name;
        return graph with
        {
            Inputs = [.. graph.Inputs.Select(i => i with { Name = Of(i.Name) })],
            Outputs = [.. graph.Outputs.Select(o => o with { Name = Of(o.Name) })],
            Nodes = [.. graph.Nodes.Select(n => n with { Inputs = [.. n.Inputs.Select(Of)], Outputs = [.. n.Outputs.Select(Of)] })],
            Weights = new Weights.WeightStore(graph.Weights.All.Select(w => w with { Name = Of(w.Name) })),
        };
    }
}
