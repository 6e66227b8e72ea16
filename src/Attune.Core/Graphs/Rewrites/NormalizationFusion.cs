namespace Attune.Graphs.Rewrites;

/// <summary>
/// Layer and RMS normalisation written out → LayerNormalization and RMSNormalization. Scale and shift keep their names and must be weights of the
/// normalised sizes; the normalised axes are the last ones.
/// </summary>
internal static class NormalizationFusion
{
    /// <summary>Rewrites every match.</summary>
    public static void Run(GraphEdit edit)
    {
        foreach (var scale in edit.Nodes)
        {
            if (!edit.Holds(scale) || scale is not { Domain.Length: 0, Operator: "Mul", Inputs.Count: 2 }) continue;
            for (var side = 0; side < 2; side++)
            {
                if (edit.Constant(scale.Inputs[1 - side]) is not { } gamma || Match(edit, scale.Inputs[side]) is not { } match || !Fits(edit, match, gamma)) continue;
                Fuse(edit, scale, scale.Inputs[1 - side], match);
                break;
            }
        }
    }

    private static void Fuse(GraphEdit edit, Node scale, string gamma, Normalized match)
    {
        var attributes = Attributes.Of(("axis", (long)-match.Axes), ("epsilon", (float)match.Epsilon));
        if (!match.IsCentred)
        {
            edit.Replace(scale, new Node(scale.Name, "RMSNormalization", [match.X, gamma], [scale.Outputs[0]], attributes));
            return;
        }
        if (edit.OnlyReader(scale.Outputs[0]) is { Domain.Length: 0, Operator: "Add", Inputs.Count: 2 } shift
            && shift.Inputs[shift.Inputs[0] == scale.Outputs[0] ? 1 : 0] is var beta && edit.Constant(beta) is { } bias && Fits(edit, match, bias))
            edit.Replace(shift, new Node(shift.Name, "LayerNormalization", [match.X, gamma, beta], [shift.Outputs[0]], attributes));
        else edit.Replace(scale, new Node(scale.Name, "LayerNormalization", [match.X, gamma], [scale.Outputs[0]], attributes));
    }

    private static bool Fits(GraphEdit edit, Normalized match, Tensor weight)
    {
        if (edit.Shape(match.X) is not { } shape || weight.Sizes.Count != match.Axes || weight.Type != edit.Type(match.X)) return false;
        for (var i = 0; i < match.Axes; i++)
        {
            if (shape[shape.Rank - match.Axes + i].Size != weight.Sizes[i]) return false;
        }
        return true;
    }

    /// <summary>c / √(mean(c²) + ε), in the forms Div(c, Sqrt), Mul(c, Reciprocal(Sqrt)), Mul(c, Div(1, Sqrt)), Mul(c, Pow(·, −½)).</summary>
    private static Normalized? Match(GraphEdit edit, string value)
    {
        if (edit.Writer(value) is not { Domain.Length: 0, Operator: "Div" or "Mul", Inputs.Count: 2 } node) return null;
        if (node.Operator == "Div") return Root(edit, node.Inputs[1]) is { } sum ? Match(edit, node.Inputs[0], sum) : null;
        for (var side = 0; side < 2; side++)
        {
            if (InverseRoot(edit, node.Inputs[side]) is { } sum && Match(edit, node.Inputs[1 - side], sum) is { } match) return match;
        }
        return null;
    }

    private static string? Root(GraphEdit edit, string value)
        => edit.Writer(value, "Sqrt")?.Input(0) ?? (edit.Writer(value, "Pow") is { } power && edit.Scalar(power.Input(1)) == 0.5 ? power.Inputs[0] : null);

    private static string? InverseRoot(GraphEdit edit, string value)
    {
        if (edit.Writer(value, "Reciprocal")?.Input(0) is { } root) return Root(edit, root);
        if (edit.Writer(value, "Div") is { } quotient && edit.Scalar(quotient.Input(0)) == 1) return Root(edit, quotient.Inputs[1]);
        return edit.Writer(value, "Pow") is { } power && edit.Scalar(power.Input(1)) == -0.5 ? power.Inputs[0] : null;
    }

    private static Normalized? Match(GraphEdit edit, string numerator, string sum)
    {
        if (edit.Writer(sum, "Add") is not { } add) return null;
        var side = edit.Scalar(add.Inputs[1]) is not null ? 0 : 1;
        if (edit.Scalar(add.Inputs[1 - side]) is not { } epsilon || epsilon < 0) return null;
        if (edit.Writer(add.Inputs[side], "ReduceMean") is not { } mean || LastAxes(edit, mean) is not (> 0 and var axes) || Squared(edit, mean.Inputs[0]) is not { } centred) return null;
        if (centred != numerator && !SameDifference(edit, centred, numerator)) return null;
        if (edit.Writer(numerator, "Sub") is { } difference && edit.Writer(difference.Inputs[1], "ReduceMean") is { } average
            && average.Inputs[0] == difference.Inputs[0] && LastAxes(edit, average) == axes) return new Normalized(difference.Inputs[0], axes, epsilon, true);
        return new Normalized(numerator, axes, epsilon, false);
    }

    private static string? Squared(GraphEdit edit, string value)
    {
        if (edit.Writer(value, "Pow") is { } power) return edit.Scalar(power.Input(1)) == 2 ? power.Inputs[0] : null;
        return edit.Writer(value, "Mul") is { Inputs: [var a, var b] } && (a == b || SameDifference(edit, a, b)) ? a : null;
    }

    /// <summary>Some exporters write x − mean twice.</summary>
    private static bool SameDifference(GraphEdit edit, string a, string b)
        => edit.Writer(a, "Sub") is { } first && edit.Writer(b, "Sub") is { } second && first.Inputs.SequenceEqual(second.Inputs);

    /// <summary>How many last axes a keeping reduction covers; 0 when it is another one.</summary>
    private static int LastAxes(GraphEdit edit, Node reduce)
    {
        if (reduce.Attributes.Int("keepdims", 1) == 0 || edit.Shape(reduce.Inputs[0])?.Rank is not { } rank || edit.Integers(reduce.Input(1)) is not { Length: > 0 } axes) return 0;
        long[] sorted = [.. axes.Select(a => a < 0 ? a + rank : a).Order()];
        for (var i = 0; i < sorted.Length; i++)
        {
            if (sorted[i] != rank - sorted.Length + i) return 0;
        }
        return sorted.Length;
    }

    private readonly record struct Normalized(string X, int Axes, double Epsilon, bool IsCentred);
}
