namespace Attune.Graphs.Rewrites;

/// <summary>softmax(q·kᵀ·scale + mask)·v over [B, N, T, H], written out → Attention of opset 23. Scales on q, on k or on the scores become one attribute.</summary>
internal static class AttentionFusion
{
    /// <summary>Rewrites every match.</summary>
    public static void Run(GraphEdit edit)
    {
        foreach (var context in edit.Nodes)
        {
            if (edit.Holds(context) && context is { Domain.Length: 0, Operator: "MatMul" } && edit.Writer(context.Inputs[0], "Softmax") is { } softmax) Fuse(edit, context, softmax);
        }
    }

    private static void Fuse(GraphEdit edit, Node context, Node softmax)
    {
        if (softmax.Attributes.Int("axis", -1) is not (-1 or 3) || edit.Type(softmax.Inputs[0]) != DataType.Float || edit.OnlyReader(softmax.Outputs[0]) is null) return;
        if (Masked(edit, softmax.Inputs[0]) is not { } scores) return;
        var (scale, product) = Unscaled(edit, scores.Value);
        if (edit.Writer(product, "MatMul") is not { } similarity) return;
        var (queryScale, query) = Unscaled(edit, similarity.Inputs[0]);
        var (keyScale, key) = Unscaled(edit, similarity.Inputs[1]);
        if (edit.Writer(key, "Transpose") is not { } turned || turned.Attributes.Get<long[]>("perm") is not [0, var p1, var p2, var p3]) return;
        var (innerScale, source) = Unscaled(edit, turned.Inputs[0]);
        scale *= queryScale * keyScale * innerScale;
        if (!(scale > 0) || !IsRank4(edit, query) || !IsRank4(edit, source) || !IsRank4(edit, context.Inputs[1])) return;
        string[] inputs = scores.Mask is { } mask ? [query, "", context.Inputs[1], mask] : [query, "", context.Inputs[1]];
        var attention = new Node(context.Name, "Attention", inputs, [context.Outputs[0]], Attributes.Of(("scale", (float)scale)));
        if ((p1, p2, p3) == (1, 3, 2)) edit.Replace(context, attention with { Inputs = [query, source, .. inputs[2..]] });
        else if ((p1, p2, p3) == (2, 3, 1))
        {
            // k comes as [B, T, N, H]
            var keys = edit.Fresh($"{turned.Outputs[0]}.heads");
            edit.Replace(context,
                new Node(edit.Fresh($"{turned.Name}.heads"), "Transpose", [source], [keys], Attributes.Of(("perm", new long[] { 0, 2, 1, 3 }))),
                attention with { Inputs = [query, keys, .. inputs[2..]] });
        }
    }

    /// <summary>The scores and the mask that is added to them.</summary>
    private static (string Value, string? Mask)? Masked(GraphEdit edit, string value)
    {
        if (edit.Writer(value, "Add") is not { } add) return (value, null);
        for (var side = 0; side < 2; side++)
        {
            var (_, product) = Unscaled(edit, add.Inputs[side]);
            if (edit.Writer(product, "MatMul") is not null && edit.Shape(add.Inputs[1 - side]) is { Rank: >= 2 and <= 4 } mask && edit.Shape(value)?.Equals(edit.Shape(add.Inputs[side])) == true
                && Covers(mask, edit.Shape(value)!)) return (add.Inputs[side], add.Inputs[1 - side]);
        }
        return null;
    }

    /// <summary>Attention wants a mask whose last axis is as long as the keys.</summary>
    private static bool Covers(Shape mask, Shape scores) => mask[-1] == scores[-1] || mask[-1].Size is null;

    private static bool IsRank4(GraphEdit edit, string value) => edit.Shape(value)?.Rank == 4;

    private static (double Scale, string Value) Unscaled(GraphEdit edit, string value)
    {
        if (edit.Writer(value, "Div") is { } quotient && edit.Scalar(quotient.Inputs[1]) is { } by && by != 0) return (1 / by, quotient.Inputs[0]);
        if (edit.Writer(value, "Mul") is not { } product) return (1, value);
        if (edit.Scalar(product.Inputs[1]) is { } right) return (right, product.Inputs[0]);
        return edit.Scalar(product.Inputs[0]) is { } left ? (left, product.Inputs[1]) : (1, value);
    }
}
