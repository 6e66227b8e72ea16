namespace Attune.Graphs.Operators;

/// <summary>Matrix product of integers less their zero points (inputs 2 and 3), as int32.</summary>
internal sealed class MatMulInteger : Operator
{
    public override string Name => "MatMulInteger";

    public override int Since => 10;

    public override Arity Inputs => new(2, 4);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Integer);
        context.Require(1, ElementKind.Integer);
        context.RequireRank(0, 1);
        context.RequireRank(1, 1);
        context.Output(0, DataType.Int32, context.Shape(0) is { } a && context.Shape(1) is { } b ? MatMul.Product(context, 0, a, 1, b) : null);
    }
}
