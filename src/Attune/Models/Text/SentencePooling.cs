using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Pooling of token vectors into one a text, as sentence-transformers pools.</summary>
internal static class SentencePooling
{
    private const float Least = 1e-9f;

    /// <summary>Appends pooling, dense layers and normalisation: [B, T, D] → [B, D'].</summary>
    public static (Value Value, int Width) Append(TextLayers n, Value x, int width, IReadOnlyList<PoolingMode> modes, IReadOnlyList<SentenceDense> dense, bool normalize)
    {
        var g = n.Graph;
        var mask = n.Float(n.Mask);                                             // [B, T]
        var pooled = g.Concat([.. modes.Order().Select(m => Pool(n, x, mask, m))], axis: 1);   // [B, D · modes]
        width *= modes.Count;
        foreach (var layer in dense)
        {
            if (layer.From != width) throw new WeightsException($"{layer.Place}/config.json: in_features is {layer.From}, but the layer before gives {width}.");
            pooled = n.Activate(n.Dense(pooled, layer.Place + ".linear", layer.From, layer.To, layer.Bias), layer.Activation);
            width = layer.To;
        }
        if (normalize) pooled = g.Node("LpNormalization", [pooled], Attributes.Of(("axis", -1L), ("p", 2L)));
        return (pooled, width);
    }

    private static Value Pool(TextLayers n, Value x, Value mask, PoolingMode mode)
    {
        var g = n.Graph;
        switch (mode)
        {
            case PoolingMode.Cls: return n.First(x);
            case PoolingMode.Max:
                var low = g.Mul(g.Node("Sub", [n.Scalar(1f), mask]), n.Scalar(-1e9f));          // [B, T]
                var seen = g.Mul(x, n.Unsqueeze(mask, 2));
                return g.Node("ReduceMax", [g.Add(seen, n.Unsqueeze(low, 2)), n.Integers(1)], Attributes.Of(("keepdims", 0L)));
            case PoolingMode.Mean: return g.Node("Div", [Sum(n, x, mask), Count(n, mask)]);
            case PoolingMode.MeanSquareRoot: return g.Node("Div", [Sum(n, x, mask), g.Node("Sqrt", [Count(n, mask)])]);
            case PoolingMode.WeightedMean:
                var weights = g.Mul(mask, n.Float(g.Add(n.Places, n.Scalar(1L))));              // [B, T]
                return g.Node("Div", [Sum(n, x, weights), Count(n, weights)]);
            default:
                var places = g.Mul(n.Mask, g.Add(n.Places, n.Scalar(1L)));                      // [B, T], 0 for padding
                var last = g.Node("ReduceMax", [places, n.Integers(1)], Attributes.Of(("keepdims", 1L)));
                return Sum(n, x, g.Mul(n.Float(g.Node("Equal", [places, last])), mask));
        }
    }

    // [B, T, D], [B, T] → [B, D]
    private static Value Sum(TextLayers n, Value x, Value weights)
        => n.Graph.Node("ReduceSum", [n.Graph.Mul(x, n.Unsqueeze(weights, 2)), n.Integers(1)], Attributes.Of(("keepdims", 0L)));

    // [B, T] → [B, 1]
    private static Value Count(TextLayers n, Value weights)
        => n.Graph.Node("Max", [n.Graph.Node("ReduceSum", [weights, n.Integers(1)], Attributes.Of(("keepdims", 1L))), n.Scalar(Least)]);
}
