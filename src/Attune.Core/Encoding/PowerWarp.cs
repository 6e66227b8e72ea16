using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// A power transform towards a normal distribution: Yeo-Johnson's, for all numbers (Yeo and Johnson 2000), or Box-Cox's, for positive ones (Box and Cox 1964). Box-Cox takes numbers that are not
/// positive as <see cref="Least"/>.
/// </summary>
public sealed class PowerWarp : NumericWarp
{
    /// <summary>A transform with a fitted exponent.</summary>
    /// <param name="isBoxCox">True for Box-Cox.</param>
    /// <param name="lambda">The exponent λ, finite.</param>
    /// <param name="least">Box-Cox: the smallest training value, above 0.</param>
    public PowerWarp(bool isBoxCox, double lambda, double least = 0) => (IsBoxCox, Lambda, Least) = (isBoxCox, lambda, least);

    /// <summary>True for Box-Cox.</summary>
    public bool IsBoxCox { get; }

    /// <summary>The exponent λ.</summary>
    public double Lambda { get; }

    /// <summary>The smallest training value of Box-Cox.</summary>
    public double Least { get; }

    /// <inheritdoc/>
    public override double Apply(double x)
    {
        if (IsBoxCox) return Power(x > 0 ? x : Least, Lambda);
        return x >= 0 ? ShiftedPower(x, Lambda) : -ShiftedPower(-x, 2 - Lambda);
    }

    // (x^λ - 1) / λ
    private static double Power(double x, double lambda) => IsZero(lambda) ? Math.Log(x) : (Math.Pow(x, lambda) - 1) / lambda;

    // ((x + 1)^λ - 1) / λ
    private static double ShiftedPower(double x, double lambda) => IsZero(lambda) ? double.LogP1(x) : (Math.Pow(x + 1, lambda) - 1) / lambda;

    private static bool IsZero(double lambda) => Math.Abs(lambda) < 2.220446049250313e-16;

    internal override Value AppendTo(GraphBuilder graph, Value x)
    {
        if (IsBoxCox)
        {
            var positive = graph.Node("Where", [graph.Node("Greater", [x, Number(graph, 0)]), x, Number(graph, Least)]);
            return Power(graph, positive, Lambda);
        }
        var one = Number(graph, 1);
        // Both sides are computed for every row, each over numbers that it can take.
        var above = Power(graph, graph.Node("Add", [graph.Node("Relu", [x]), one]), Lambda);
        var below = Power(graph, graph.Node("Add", [graph.Node("Relu", [graph.Node("Neg", [x])]), one]), 2 - Lambda);
        return graph.Node("Sub", [above, below]);
    }

    private static Value Power(GraphBuilder graph, Value x, double lambda) => IsZero(lambda)
        ? graph.Node("Log", [x])
        : graph.Node("Div", [graph.Node("Sub", [graph.Node("Pow", [x, Number(graph, lambda)]), Number(graph, 1)]), Number(graph, lambda)]);

    internal override ColumnDocument WriteTo(ColumnDocument document) => document with { Warp = IsBoxCox ? "box-cox" : "yeo-johnson", Lambda = Lambda, Least = IsBoxCox ? Least : null };
}
