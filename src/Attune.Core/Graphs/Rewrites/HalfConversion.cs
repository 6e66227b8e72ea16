namespace Attune.Graphs.Rewrites;

/// <summary>
/// Turns an fp32 graph into float16 for files that predict: weights and activations become float16, while sums over many elements, softmax,
/// normalisation statistics and operators that take only fp32 stay as they are between two Casts. Numbers beyond ±65504 saturate; those too small
/// for float16 (an ε of 1e-12) become its smallest.
/// </summary>
public static class HalfConversion
{
    private const float Largest = 65504f, Smallest = 5.9604645e-8f;

    private static readonly HashSet<string> _wide = new(StringComparer.Ordinal)
    {
        "Attention", "CumSum", "Exp", "GroupNormalization", "GlobalLpPool", "InstanceNormalization", "LayerNormalization", "Log", "LogSoftmax", "LpNormalization", "Mean", "MeanVarianceNormalization",
        "OneHot", "Pow", "QuantizeLinear", "RMSNormalization", "Range", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMean", "ReduceProd", "ReduceSum", "ReduceSumSquare",
        "Reciprocal", "Resize", "Softmax", "Sqrt",
    };

    /// <summary>The graph in float16.</summary>
    /// <param name="graph">A graph in fp32.</param>
    /// <param name="convertBoundary">True declares fp32 inputs and outputs as float16; false keeps them fp32, with a Cast.</param>
    /// <exception cref="ArgumentException">The graph holds If, whose branches cannot be converted.</exception>
    public static Graph Run(Graph graph, bool convertBoundary = false)
    {
        if (graph.Nodes.FirstOrDefault(n => GraphSort.Bodies(n).Any()) is { } branching)
            throw new ArgumentException($"Node '{branching.Name}' ({branching.Operator}) has subgraphs; a graph with them cannot be written as float16. Write it as fp32.", nameof(graph));
        var edit = new GraphEdit(graph);
        var floats = Floats(graph);
        var inputs = graph.Inputs.Where(i => i.Type == DataType.Float).Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var renamed = convertBoundary ? [] : Boundary(edit, graph, floats);
        ConvertWeights(edit, floats);
        foreach (var node in edit.Nodes)
        {
            if (node.Name.Length > 0 && renamed.Contains(node.Name)) continue;
            Convert(edit, node, floats);
        }
        var result = edit.Build();
        if (!convertBoundary) return result;
        return result with { Inputs = [.. result.Inputs.Select(i => inputs.Contains(i.Name) ? i with { Type = DataType.Float16 } : i)], Outputs = [.. result.Outputs.Select(o => floats.Contains(o.Name) ? o with { Type = DataType.Float16 } : o)] };
    }

    private static HashSet<string> Floats(Graph graph)
        => ShapeInference.Infer(graph).Values.Where(v => v.Type == DataType.Float).Select(v => v.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>Casts after float inputs and before float outputs; returns the names of the Cast nodes.</summary>
    private static HashSet<string> Boundary(GraphEdit edit, Graph graph, HashSet<string> floats)
    {
        var casts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var output in graph.Outputs.Where(o => floats.Contains(o.Name)))
        {
            if (edit.Writer(output.Name) is not { } writer) continue;
            var inner = edit.Fresh($"{output.Name}.fp16");
            var cast = new Node(edit.Fresh($"{output.Name}.to_fp32"), "Cast", [inner], [output.Name], Attributes.Of(("to", (long)DataType.Float)));
            edit.Redirect(output.Name, inner);
            if (!edit.Holds(writer)) writer = edit.Writer(output.Name)!;
            edit.Replace(writer, writer with { Outputs = [.. writer.Outputs.Select(o => o == output.Name ? inner : o)] }, cast);
            floats.Remove(output.Name);
            floats.Add(inner);
            casts.Add(cast.Name);
        }
        foreach (var input in graph.Inputs.Where(i => i.Type == DataType.Float))
        {
            if (edit.Readers(input.Name).Count == 0) continue;
            var inner = edit.Fresh($"{input.Name}.fp16");
            edit.Redirect(input.Name, inner);
            var first = edit.Nodes[0];
            var cast = new Node(edit.Fresh($"{input.Name}.to_fp16"), "Cast", [input.Name], [inner], Attributes.Of(("to", (long)DataType.Float16)));
            edit.Replace(first, cast, first);
            floats.Remove(input.Name);
            floats.Add(inner);
            casts.Add(cast.Name);
        }
        return casts;
    }

    /// <summary>Weights become float16 unless only operators that stay wide read them.</summary>
    private static void ConvertWeights(GraphEdit edit, HashSet<string> floats)
    {
        foreach (var weight in edit.Weights.All.Where(w => w.Value.Type == DataType.Float).ToArray())
        {
            string[] names = [weight.Name, .. weight.Aliases];
            if (names.All(n => !edit.IsOutput(n) && edit.Readers(n).All(IsWide)))
                floats.ExceptWith(names);
            else edit.SetWeight(weight.Name, Saturated(weight.Value));
        }
    }

    private static Tensor Saturated(Tensor value)
    {
        var copy = value.Data.Copy();
        const int Chunk = 1 << 20;
        for (long start = 0; start < value.Count; start += Chunk)
        {
            foreach (ref var v in copy.Span<float>(start, (int)Math.Min(Chunk, value.Count - start)))
            {
                if (float.IsFinite(v)) v = Math.Clamp(v, -Largest, Largest);
                if (v != 0 && Math.Abs(v) < Smallest) v = v > 0 ? Smallest : -Smallest;
            }
        }
        return new Tensor(DataType.Float, value.Sizes, copy).ToFloating(DataType.Float16);
    }

    private static bool IsWide(Node node) => node.Domain.Length > 0 || _wide.Contains(node.Operator);

    private static void Convert(GraphEdit edit, Node node, HashSet<string> floats)
    {
        if (!IsWide(node))
        {
            var attributes = node.Attributes.Select(a => KeyValuePair.Create(a.Key, a.Value switch
            {
                Tensor { Type: DataType.Float } tensor => Saturated(tensor),
                long type when (node.Operator, a.Key) is ("Cast", "to") or (_, "dtype") && type == (long)DataType.Float => (long)DataType.Float16,
                _ => a.Value,
            }));
            if (node.Attributes.Any(a => a.Value is Tensor { Type: DataType.Float } or long)) edit.Replace(node, node with { Attributes = new Attributes(attributes) });
            return;
        }
        var nodes = new List<Node>();
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var input in node.Inputs.Where(i => i.Length > 0 && floats.Contains(i)).Distinct())
        {
            read[input] = edit.Fresh($"{input}.fp32");
            nodes.Add(new Node(edit.Fresh($"{node.Name}.to_fp32"), "Cast", [input], [read[input]], Attributes.Of(("to", (long)DataType.Float))));
        }
        string[] outputs = [.. node.Outputs.Select(o => floats.Contains(o) ? edit.Fresh($"{o}.fp32") : o)];
        nodes.Add(node with { Inputs = [.. node.Inputs.Select(i => read.GetValueOrDefault(i, i))], Outputs = outputs });
        for (var i = 0; i < outputs.Length; i++)
        {
            if (outputs[i] != node.Outputs[i]) nodes.Add(new Node(edit.Fresh($"{node.Name}.to_fp16"), "Cast", [outputs[i]], [node.Outputs[i]], Attributes.Of(("to", (long)DataType.Float16))));
        }
        edit.Replace(node, [.. nodes]);
    }
}
