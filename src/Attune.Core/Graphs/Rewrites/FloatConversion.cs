using Attune.Weights;

namespace Attune.Graphs.Rewrites;

/// <summary>
/// Turns a float16, bfloat16 or double graph into fp32, the type that trains: weights, declared inputs and outputs, Cast targets and constants in
/// attributes. Doubles beyond fp32 become its largest value. The graph's metadata remember the type that most weights had.
/// </summary>
public static class FloatConversion
{
    /// <summary>Key of the graph's metadata that holds the source's element type, such as <c>Float16</c>.</summary>
    public const string SourceTypeKey = "attune.source-type";

    /// <summary>The type that most weights of the source had: Float unless <see cref="Run"/> changed it.</summary>
    public static DataType SourceType(Graph graph) => graph.Metadata.TryGetValue(SourceTypeKey, out var name) && Enum.TryParse<DataType>(name, out var type) && type.IsFloating() ? type : DataType.Float;

    /// <summary>The graph in fp32; the same graph when it holds no other floating type.</summary>
    public static Graph Run(Graph graph)
    {
        if (!Uses(graph)) return graph;
        var source = graph.Weights.All.Where(w => w.Value.Type.IsFloating() && w.Value.Count > 0).GroupBy(w => w.Value.Type).OrderByDescending(g => g.Sum(w => w.Count)).FirstOrDefault()?.Key;
        var single = Convert(graph);
        if (source is not (null or DataType.Float)) single = single with { Metadata = new Dictionary<string, string>(graph.Metadata, StringComparer.Ordinal) { [SourceTypeKey] = source.Value.ToString() } };
        return WithoutIdleCasts(single);
    }

    private static bool Uses(Graph graph)
        => graph.Weights.All.Any(w => IsOther(w.Value.Type)) || graph.Inputs.Concat(graph.Outputs).Any(v => IsOther(v.Type))
        || graph.Nodes.Any(n => n.Attributes.Any(a => a.Value is Tensor tensor && IsOther(tensor.Type) || IsTypeName(n, a.Key) && a.Value is long type && IsOther((DataType)type)) || GraphSort.Bodies(n).Any(Uses));

    private static bool IsOther(DataType type) => type.IsFloating() && type != DataType.Float;

    /// <summary>Attributes that hold an element type: Cast's target, the type that generators make.</summary>
    private static bool IsTypeName(Node node, string attribute) => (node.Operator, attribute) is ("Cast", "to") or (_, "dtype") or (_, "output_dtype");

    private static Graph Convert(Graph graph) => graph with
    {
        Inputs = [.. graph.Inputs.Select(Convert)],
        Outputs = [.. graph.Outputs.Select(Convert)],
        Weights = new WeightStore(graph.Weights.All.Select(w => IsOther(w.Value.Type) ? w with { Value = Convert(w.Value) } : w)),
        Nodes = [.. graph.Nodes.Select(Convert)],
    };

    private static ValueInfo Convert(ValueInfo value) => IsOther(value.Type) ? value with { Type = DataType.Float } : value;

    private static Node Convert(Node node)
    {
        if (node.Domain == "ai.onnx.ml") return node;
        return node with
        {
            Attributes = new Attributes(node.Attributes.Select(a => KeyValuePair.Create(a.Key, a.Value switch
            {
                Tensor tensor when IsOther(tensor.Type) => Convert(tensor),
                Graph body => Convert(body),
                long type when IsTypeName(node, a.Key) && IsOther((DataType)type) => (long)DataType.Float,
                _ => a.Value,
            }))),
        };
    }

    private static Tensor Convert(Tensor tensor)
    {
        var single = tensor.ToFloat();
        if (tensor.Type != DataType.Double) return single;
        const int Chunk = 1 << 20;
        for (long start = 0; start < tensor.Count; start += Chunk)
        {
            var count = (int)Math.Min(Chunk, tensor.Count - start);
            var wide = tensor.Data.Span<double>(start, count);
            var narrow = single.Data.Span<float>(start, count);
            for (var i = 0; i < count; i++)
            {
                if (float.IsInfinity(narrow[i]) && double.IsFinite(wide[i])) narrow[i] = narrow[i] > 0 ? float.MaxValue : float.MinValue;
            }
        }
        return single;
    }

    private static Graph WithoutIdleCasts(Graph graph)
    {
        var edit = new GraphEdit(graph);
        foreach (var cast in edit.Nodes)
        {
            if (cast is { Domain.Length: 0, Operator: "Cast" } && cast.Attributes.Int("to") == (long)DataType.Float && edit.Type(cast.Inputs[0]) == DataType.Float && edit.Holds(cast)) edit.Bypass(cast, cast.Inputs[0]);
        }
        return edit.Build();
    }
}
