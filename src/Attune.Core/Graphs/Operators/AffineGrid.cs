namespace Attune.Graphs.Operators;

/// <summary>Sampling positions of affine maps theta [B, 2, 3] or [B, 3, 4] for an image of the sizes in input 1.</summary>
internal sealed class AffineGrid : Operator
{
    public override string Name => "AffineGrid";

    public override int Since => 20;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 3, 3);
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Content(1) is { } sizes)
        {
            if (sizes.Count is not (4 or 5)) context.Fail($"has {sizes.Count} sizes; 4 or 5 were expected");
            result = new Graphs.Shape([sizes[0], .. sizes.Skip(2), sizes.Count - 2]);
        }
        context.Output(0, context.Type(0), result);
    }
}
