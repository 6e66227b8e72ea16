namespace Attune.Graphs.Operators;

/// <summary>(x − zero point) · scale: one scale for all, one for each index of an axis, or one for each block along it.</summary>
internal sealed class DequantizeLinear : Operator
{
    public override string Name => "DequantizeLinear";

    public override int Since => 10;

    public override Arity Inputs => new(2, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.Require(1, ElementKind.Floating);
        context.SameType(0, 2);
        QuantizationShape.Check(context);
        context.Output(0, context.Type(1), context.Shape(0));
    }
}
