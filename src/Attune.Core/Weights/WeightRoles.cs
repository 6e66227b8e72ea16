using Attune.Graphs;
using Attune.Graphs.Operators;

namespace Attune.Weights;

/// <summary>
/// Says what the weights of an imported graph are for, by operator and input slot, never by size: a float weight that feeds a weight slot
/// (also through Transpose, Cast, Reshape and their like) is a parameter, BatchNormalization's statistics are buffers, the rest is constant.
/// A weight of Add or Mul is a parameter when it lies along one channel axis; one of Add also when it is a table (positions, relative biases) and no
/// mask; one of Concat when it stands beside computed values (a class token, learned tokens) and is no padding.
/// </summary>
public static class WeightRoles
{
    /// <summary>Name of learned tokens [n, D] in front of a text, or of learned keys and values; PEFT's.</summary>
    internal const string LearnedTokens = "prompt_embeddings";

    private static readonly HashSet<string> _passing = new(StringComparer.Ordinal) { "Cast", "Expand", "Flatten", "Identity", "Reshape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze" };

    /// <summary>The graph with every weight's role set; tensors are shared.</summary>
    public static Graph Assign(Graph graph)
    {
        var uses = new Dictionary<string, List<(Node Node, int Slot)>>(StringComparer.Ordinal);
        var writers = new Dictionary<string, Node>(StringComparer.Ordinal);
        Collect(graph, uses, writers);
        return graph with { Weights = new WeightStore(graph.Weights.All.Select(w => w with { Role = RoleOf(w, uses, writers) })) };
    }

    private static void Collect(Graph graph, Dictionary<string, List<(Node Node, int Slot)>> uses, Dictionary<string, Node> writers)
    {
        foreach (var node in graph.Nodes)
        {
            for (var slot = 0; slot < node.Inputs.Count; slot++)
            {
                if (node.Inputs[slot].Length == 0) continue;
                if (!uses.TryGetValue(node.Inputs[slot], out var list)) uses.Add(node.Inputs[slot], list = []);
                list.Add((node, slot));
            }
            foreach (var output in node.Outputs) writers.TryAdd(output, node);
            foreach (var body in GraphSort.Bodies(node)) Collect(body, uses, writers);
        }
    }

    private static WeightRole RoleOf(Weight weight, Dictionary<string, List<(Node Node, int Slot)>> uses, Dictionary<string, Node> writers)
    {
        if (!weight.Value.Type.IsFloating()) return WeightRole.Constant;
        var role = WeightRole.Constant;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<(string Name, bool Sliced)>(weight.Aliases.Prepend(weight.Name).Select(n => (n, false)));
        while (open.TryDequeue(out var value))
        {
            if (!seen.Add(value.Name) || !uses.TryGetValue(value.Name, out var consumers)) continue;
            foreach (var (node, slot) in consumers)
            {
                if (OperatorCatalog.Find(node.Domain, node.Operator) is not { } known) continue;
                if (known.BufferInputs.Contains(slot)) return WeightRole.Buffer;
                if (known.WeightInputs.Contains(slot) || (known.TakesChannelWeights && IsChannelWeight(weight.Value, value.Sliced, node, slot, writers))) role = WeightRole.Parameter;
                else if (node is { Domain.Length: 0, Operator: "Concat" } && IsToken(weight, node, writers)) role = WeightRole.Parameter;
                else if (slot == 0 && node.Domain.Length == 0 && _passing.Contains(node.Operator))
                {
                    foreach (var output in node.Outputs.Where(o => o.Length > 0)) open.Enqueue((output, value.Sliced || node.Operator == "Slice"));
                }
            }
        }
        return role;
    }

    private static bool IsChannelWeight(Tensor weight, bool sliced, Node consumer, int slot, Dictionary<string, Node> writers)
    {
        if (weight.Sizes.Count == 0) return false;
        if (weight.Count > 1)
        {
            return weight.Sizes.Count(s => s > 1) == 1
                || (sliced && weight.Sizes.Count >= 2)   // a table of positions is cut to length, then added
                || (consumer.Operator == "Add" && consumer.Inputs.Count == 2 && writers.ContainsKey(consumer.Inputs[1 - slot]) && IsVaried(weight));
        }
        var other = consumer.Inputs.Count == 2 ? consumer.Input(1 - slot) : null;
        return consumer.Operator == "Add" && other is not null && writers.TryGetValue(other, out var writer) && writer.Operator is "Conv" or "Gemm" or "MatMul";
    }

    private static bool IsToken(Weight weight, Node concat, Dictionary<string, Node> writers)
        => (weight.Value.Sizes.Count >= 3 || weight.Name == LearnedTokens) && weight.Count > 1 && concat.Inputs.Any(i => writers.TryGetValue(i, out var writer) && writer.Operator is not ("Expand" or "Identity" or "Constant" or "ConstantOfShape")) && IsVaried(weight.Value);

    /// <summary>Learned numbers: finite, none as low as a mask has them, and of more than two values.</summary>
    private static bool IsVaried(Tensor weight)
    {
        const int Enough = 1 << 16;
        const float MaskLimit = -1000;
        if (weight.Count > int.MaxValue) return true;
        var values = new Tensor(weight.Type, [Math.Min(weight.Count, Enough)], weight.Data.Slice(0, weight.Type.ByteLength(Math.Min(weight.Count, Enough)))).ToFloat().Data.Span<float>();
        var distinct = new HashSet<float>();
        foreach (var value in values)
        {
            if (!float.IsFinite(value) || value <= MaskLimit) return false;
            if (distinct.Count <= 2) distinct.Add(value);
        }
        return distinct.Count > 2;
    }
}
