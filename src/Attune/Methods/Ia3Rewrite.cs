using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Puts factors beside linear layers, ones at first, so that a fresh adapter changes nothing; and merges trained ones into weights and biases.</summary>
internal static class Ia3Rewrite
{
    /// <summary>The graph with the factors in it. Values keep their names.</summary>
    public static Graph Run(Graph graph, IReadOnlyList<Ia3Adapter> adapters)
    {
        var (names, weights) = (HeadReplacement.NamesOf(graph), new WeightStore(graph.Weights.All));
        var nodes = graph.Nodes.ToList();
        foreach (var adapter in adapters)
        {
            var type = graph.Weights[adapter.Weight].Value.Type;
            if (!weights.Contains(adapter.L))
            {
                var ones = new float[adapter.ScalesInput ? adapter.Inputs : adapter.Outputs];
                Array.Fill(ones, 1);
                weights.Add(adapter.L, Tensor.Of(ones, adapter.Sizes).ToFloating(type));
            }
            if (adapter.ScalesInput)
            {
                var at = nodes.FindIndex(n => n.Outputs.SequenceEqual(adapter.Use.Consumer.Outputs));
                var scaled = HeadReplacement.Unique(names, adapter.L + ".scaled");
                nodes.Insert(at, new Node(HeadReplacement.Unique(names, adapter.L + ".mul"), "Mul", [nodes[at].Inputs[0], adapter.L], [scaled], Attributes.None));
                nodes[at + 1] = nodes[at + 1] with { Inputs = [scaled, .. nodes[at + 1].Inputs.Skip(1)] };
                continue;
            }
            // [out, 1] → [out]
            var output = adapter.Last.Outputs[0];
            var last = nodes.FindIndex(n => n.Outputs.Contains(output));
            var (plain, row, shape) = (HeadReplacement.Unique(names, output + ".base"), HeadReplacement.Unique(names, adapter.L + ".row"), HeadReplacement.Unique(names, adapter.L + ".row.shape"));
            weights.Add(shape, Tensor.Of([-1L], 1), WeightRole.Constant);
            nodes[last] = nodes[last] with { Outputs = [plain, .. nodes[last].Outputs.Skip(1)] };
            nodes.Insert(last + 1, new Node(HeadReplacement.Unique(names, adapter.L + ".reshape"), "Reshape", [adapter.L, shape], [row], Attributes.None));
            nodes.Insert(last + 2, new Node(HeadReplacement.Unique(names, adapter.L + ".mul"), "Mul", [plain, row], [output], Attributes.None));
        }
        return graph with { Nodes = nodes, Weights = weights };
    }

    /// <summary>The plain graph with the trained weights, and the largest rounding error of a merged value.</summary>
    public static (Graph Graph, double Rounding) Merge(Graph original, IReadOnlyList<Ia3Adapter> adapters, Graph trained)
    {
        var weights = new WeightStore(original.Weights.All.Select(w => trained.Weights.TryGet(w.Name, out var now) ? w with { Value = now.Value } : w));
        double rounding = 0;
        foreach (var adapter in adapters.DistinctBy(a => a.L))
        {
            var factors = trained.Weights[adapter.L].Value.ToFloat().Data.Span<float>().ToArray();
            var columns = adapter.OutputsFirst ? adapter.Inputs : adapter.Outputs;
            var byRow = adapter.OutputsFirst != adapter.ScalesInput;
            Scale(weights, adapter.Weight, i => factors[byRow ? i / columns : i % columns], ref rounding);
            if (!adapter.ScalesInput && adapter.Bias is { } bias) Scale(weights, bias, i => factors[i % adapter.Outputs], ref rounding);
        }
        return (original with { Weights = weights }, rounding);
    }

    private static void Scale(WeightStore weights, string name, Func<int, double> factor, ref double rounding)
    {
        var weight = weights[name];
        var exact = weight.Value.ToFloating(DataType.Double).Data.Span<double>().ToArray();
        for (var i = 0; i < exact.Length; i++) exact[i] *= factor(i);
        var wide = new Tensor(DataType.Double, weight.Value.Sizes, TensorBuffer.Allocate(weight.Value.Count * sizeof(double)));
        exact.CopyTo(wide.Data.Span<double>());
        var merged = wide.ToFloating(weight.Value.Type);
        var kept = merged.ToFloating(DataType.Double).Data.Span<double>();
        for (var i = 0; i < exact.Length; i++) rounding = Math.Max(rounding, Math.Abs(kept[i] - exact[i]));
        weights.Replace(weight with { Value = merged });
    }
}
