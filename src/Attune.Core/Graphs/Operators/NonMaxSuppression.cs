namespace Attune.Graphs.Operators;

/// <summary>Indices [chosen, 3] of row, class and box; boxes [B, N, 4], scores [B, C, N], then the most per class, the greatest overlap, the least score.</summary>
internal sealed class NonMaxSuppression : Operator
{
    public override string Name => "NonMaxSuppression";

    public override int Since => 10;

    public override Arity Inputs => new(2, 5);

    public override void Infer(InferenceContext context)
    {
        context.RequireRank(0, 3, 3);
        context.RequireRank(1, 3, 3);
        context.Require(2, ElementKind.Index);
        context.Output(0, DataType.Int64, new Graphs.Shape(default, 3));
    }
}
