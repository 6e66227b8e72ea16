namespace Attune.Graphs.Operators;

/// <summary>Matrix product of quantised numbers: a, its scale and zero point, b with the same, scale and zero point of the result.</summary>
internal sealed class QLinearMatMul : Operator
{
    public override string Name => "QLinearMatMul";

    public override int Since => 10;

    public override Arity Inputs => new(8, 8);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Integer);
        context.Require(3, ElementKind.Integer);
        context.RequireRank(0, 1);
        context.RequireRank(3, 1);
        context.Output(0, context.Type(7), context.Shape(0) is { } a && context.Shape(3) is { } b ? MatMul.Product(context, 0, a, 3, b) : null);
    }
}
