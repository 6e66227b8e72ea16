namespace Attune.Graphs.Operators;

/// <summary>ONNX's multidirectional broadcasting (NumPy's rule).</summary>
internal static class Broadcasting
{
    /// <summary>The shape of inputs broadcast together; null when one is unknown.</summary>
    public static Graphs.Shape? Shapes(InferenceContext context, params ReadOnlySpan<int> inputs)
    {
        Graphs.Shape? result = null;
        foreach (var input in inputs)
        {
            if (context.Shape(input) is not { } shape) return null;
            result = result is null ? shape : Pair(context, result, shape);
        }
        return result;
    }

    /// <summary>Two shapes broadcast together.</summary>
    public static Graphs.Shape Pair(InferenceContext context, Graphs.Shape a, Graphs.Shape b)
    {
        var rank = Math.Max(a.Rank, b.Rank);
        var dimensions = new Dimension[rank];
        for (var i = 1; i <= rank; i++)
        {
            var x = i <= a.Rank ? a[-i] : 1;
            var y = i <= b.Rank ? b[-i] : 1;
            if (x.Size is > 1 or 0 && y.Size is > 1 or 0 && x.Size != y.Size) context.Fail($"shapes {a} and {b} do not broadcast");
            dimensions[rank - i] = Axis(x, y);
        }
        return new Graphs.Shape(dimensions);
    }

    private static Dimension Axis(Dimension x, Dimension y)
    {
        if (x.Size == 1) return y;
        if (y.Size == 1) return x;
        if (x.Size is not null) return x;
        if (y.Size is not null) return y;
        return x.Symbol is not null && x.Symbol == y.Symbol ? x : default;
    }
}
