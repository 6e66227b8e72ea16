using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>Quantiles of the standard normal distribution to about 1e-16 (Wichura 1988, algorithm AS 241), and as ONNX nodes for shares in [1e-11, 1 - 1e-11].</summary>
internal static class NormalQuantile
{
    private static readonly double[] CentreTop = [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608];
    private static readonly double[] CentreBottom = [5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1];
    private static readonly double[] SideTop = [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734];
    private static readonly double[] SideBottom = [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1];
    private static readonly double[] TailTop = [2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772];
    private static readonly double[] TailBottom = [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1];

    /// <summary>The z with P(Z ≤ z) = <paramref name="share"/>; infinite at 0 and 1.</summary>
    public static double Of(double share)
    {
        if (share <= 0) return double.NegativeInfinity;
        if (share >= 1) return double.PositiveInfinity;
        var q = share - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var near = 0.180625 - q * q;
            return q * Horner(CentreTop, near) / Horner(CentreBottom, near);
        }
        var r = Math.Sqrt(-Math.Log(q < 0 ? share : 1 - share));
        var z = r <= 5 ? Horner(SideTop, r - 1.6) / Horner(SideBottom, r - 1.6) : Horner(TailTop, r - 5) / Horner(TailBottom, r - 5);
        return q < 0 ? -z : z;
    }

    /// <summary>Appends the nodes that compute it: [N, 1] double in [1e-11, 1 - 1e-11] → [N, 1] double.</summary>
    public static Value AppendTo(GraphBuilder graph, Value share)
    {
        Value Number(double value) => graph.Constant("normal.number", Tensor.Of([value]));
        Value Polynomial(double[] factors, Value x)
        {
            var sum = Number(factors[0]);
            foreach (var factor in factors.Skip(1)) sum = graph.Node("Add", [graph.Node("Mul", [sum, x]), Number(factor)]);
            return sum;
        }
        Value Ratio(double[] top, double[] bottom, Value x) => graph.Node("Div", [Polynomial(top, x), Polynomial(bottom, x)]);
        var q = graph.Node("Sub", [share, Number(0.5)]);
        var near = graph.Node("Sub", [Number(0.180625), graph.Node("Mul", [q, q])]);
        var centre = graph.Node("Mul", [q, Ratio(CentreTop, CentreBottom, near)]);
        var rest = graph.Node("Min", [share, graph.Node("Sub", [Number(1), share])]);
        var r = graph.Node("Sqrt", [graph.Node("Neg", [graph.Node("Log", [rest])])]);
        var side = graph.Node("Mul", [graph.Node("Sign", [q]), Ratio(SideTop, SideBottom, graph.Node("Sub", [r, Number(1.6)]))]);
        return graph.Node("Where", [graph.Node("LessOrEqual", [graph.Node("Abs", [q]), Number(0.425)]), centre, side]);
    }

    private static double Horner(double[] factors, double x)
    {
        var sum = factors[0];
        for (var i = 1; i < factors.Length; i++) sum = sum * x + factors[i];
        return sum;
    }
}
