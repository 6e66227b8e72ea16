using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// A number's place among the training values, in [0, 1] by linear interpolation between quantiles, or that share's quantile of the standard normal distribution. Values beyond the training
/// range get 0 or 1; a value that several quantiles share gets the middle of their shares (as scikit-learn's QuantileTransformer).
/// </summary>
public sealed class QuantileWarp : NumericWarp
{
    private const double Bound = 1e-7;
    private static readonly double LowestNormal = NormalQuantile.Of(Bound - 2.220446049250313e-16), HighestNormal = NormalQuantile.Of(1 - (Bound - 2.220446049250313e-16));

    private readonly double[] _values, _first, _last;   // distinct quantiles, and the shares at which each begins and ends

    /// <summary>A transform by quantiles.</summary>
    /// <param name="quantiles">Values at the shares 0, 1/(n - 1), … 1, ascending, at least one.</param>
    /// <param name="isNormal">True for outputs that are normally distributed.</param>
    public QuantileWarp(IReadOnlyList<double> quantiles, bool isNormal)
    {
        (Quantiles, IsNormal) = (quantiles, isNormal);
        var (values, first, last) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < quantiles.Count; i++)
        {
            var share = quantiles.Count == 1 ? 0 : i == quantiles.Count - 1 ? 1 : i * (1 / (quantiles.Count - 1.0));
            if (i > 0 && quantiles[i] == values[^1]) last[^1] = share;
            else
            {
                values.Add(quantiles[i]);
                first.Add(share);
                last.Add(share);
            }
        }
        (_values, _first, _last) = ([.. values], [.. first], [.. last]);
    }

    /// <summary>Values at equally spaced shares.</summary>
    public IReadOnlyList<double> Quantiles { get; }

    /// <summary>True for outputs that are normally distributed.</summary>
    public bool IsNormal { get; }

    /// <inheritdoc/>
    public override double Apply(double x)
    {
        var slack = IsNormal ? Bound : 0;
        var share = x - slack < _values[0] || x == _values[0] ? 0 : x + slack > _values[^1] || x == _values[^1] ? 1 : Share(x);
        return IsNormal ? Math.Clamp(NormalQuantile.Of(share), LowestNormal, HighestNormal) : share;
    }

    private double Share(double x)
    {
        var at = Array.BinarySearch(_values, x);
        if (at >= 0) return (_first[at] + _last[at]) / 2;
        at = ~at - 1;   // x lies between this value and the next
        return _last[at] + (_first[at + 1] - _last[at]) / (_values[at + 1] - _values[at]) * (x - _values[at]);
    }

    internal override Value AppendTo(GraphBuilder graph, Value x)
    {
        var (count, slack) = (_values.Length, IsNormal ? Bound : 0);
        Value share;
        if (count == 1) share = Number(graph, 0.5);
        else
        {
            // The number of values that are at most x, minus one: where x lies.
            var reached = graph.Node("Cast", [graph.Node("GreaterOrEqual", [x, graph.Constant("encode.quantiles", Tensor.Of(_values, 1, count))])], Attributes.Of(("to", (long)DataType.Int64)));
            var place = graph.Node("Sub", [graph.Node("ReduceSum", [reached, graph.Constant("axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 1L))), graph.Constant("one", Tensor.Of([1L], 1))]);   // [N, 1]
            var at = graph.Node("Min", [graph.Node("Max", [place, graph.Constant("first", Tensor.Of([0L], 1))]), graph.Constant("last", Tensor.Of([count - 2L], 1))]);
            var slopes = new double[count - 1];
            for (var i = 0; i < slopes.Length; i++) slopes[i] = (_first[i + 1] - _last[i]) / (_values[i + 1] - _values[i]);
            Value Pick(string name, double[] table, Value index) => graph.Node("Gather", [Table(graph, name, table), index]);
            var between = graph.Node("Add", [Pick("shares", _last, at), graph.Node("Mul", [Pick("slopes", slopes, at), graph.Node("Sub", [x, Pick("values", _values, at)])])]);
            share = graph.Node("Where", [graph.Node("Equal", [x, Pick("values", _values, at)]), Pick("middles", [.. _first.Zip(_last, (a, b) => (a + b) / 2)], at), between]);
        }
        var (low, high) = (Number(graph, _values[0]), Number(graph, _values[^1]));
        Value Either(string beyond, Value limit, double slackened) => graph.Node("Or", [graph.Node(beyond, [graph.Node("Add", [x, Number(graph, slackened)]), limit]), graph.Node("Equal", [x, limit])]);
        share = graph.Node("Where", [Either("Greater", high, slack), Number(graph, 1), share]);
        share = graph.Node("Where", [Either("Less", low, -slack), Number(graph, 0), share]);
        if (!IsNormal) return share;
        // Kept off 0 and 1, whose quantiles are infinite.
        var inside = graph.Node("Min", [graph.Node("Max", [share, Number(graph, Bound - 2.220446049250313e-16)]), Number(graph, 1 - (Bound - 2.220446049250313e-16))]);
        return NormalQuantile.AppendTo(graph, inside);
    }

    internal override ColumnDocument WriteTo(ColumnDocument document) => document with { Warp = IsNormal ? "quantile-normal" : "quantile", Quantiles = Quantiles };
}
