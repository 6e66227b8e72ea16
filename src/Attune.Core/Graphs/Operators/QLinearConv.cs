namespace Attune.Graphs.Operators;

/// <summary>Convolution of quantised numbers: x, its scale and zero point, W with the same, scale and zero point of the result, bias.</summary>
internal sealed class QLinearConv : Operator
{
    public override string Name => "QLinearConv";

    public override int Since => 10;

    public override Arity Inputs => new(8, 9);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Integer);
        context.Require(3, ElementKind.Integer);
        context.RequireRank(0, 3);
        context.Output(0, context.Type(7), context.Shape(0) is { } x && context.Shape(3) is { } w ? SlidingWindow.Convolved(context, x, w) : null);
    }
}
