namespace Attune.Graphs.Operators;

/// <summary>Determinants of square matrices [..., M, M].</summary>
internal sealed class Det : Operator
{
    public override string Name => "Det";

    public override int Since => 11;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 2);
        if (context.Shape(0) is { } shape) context.Agree(shape[-2], shape[-1], "rows and columns");
        context.Output(0, context.Type(0), context.Shape(0) is { } x ? new Graphs.Shape([.. x.Dimensions.SkipLast(2)]) : null);
    }
}
