namespace Attune.Graphs.Operators;

/// <summary>Convolution of integers less their zero points (inputs 2 and 3), as int32.</summary>
internal sealed class ConvInteger : Operator
{
    public override string Name => "ConvInteger";

    public override int Since => 10;

    public override Arity Inputs => new(2, 4);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Integer);
        context.Require(1, ElementKind.Integer);
        context.RequireRank(0, 3);
        context.Output(0, DataType.Int32, context.Shape(0) is { } x && context.Shape(1) is { } w ? SlidingWindow.Convolved(context, x, w) : null);
    }
}
