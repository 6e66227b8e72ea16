namespace Attune.Graphs.Operators;

/// <summary>Rotates pairs of features by the angles of cached cosines and sines; x is [B, N, T, D] or [B, T, N·D].</summary>
internal sealed class RotaryEmbedding : Operator
{
    public override string Name => "RotaryEmbedding";

    public override int Since => 23;

    public override Arity Inputs => new(3, 4);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 3, 4);
        context.RequireRank(1, 2, 3);
        context.RequireRank(2, 2, 3);
        context.Require(3, ElementKind.Index);
        context.SameType(0, 1, 2);
        if (context.Shape(0) is { Rank: 3 } && context.Attributes.Int("num_heads") < 1) context.Fail("an input of rank 3 needs attribute 'num_heads'");
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
