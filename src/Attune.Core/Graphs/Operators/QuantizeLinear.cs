namespace Attune.Graphs.Operators;

/// <summary>saturate(round(x / scale) + zero point): one scale for all, one for each index of an axis, or one for each block along it.</summary>
internal sealed class QuantizeLinear : Operator
{
    public override string Name => "QuantizeLinear";

    public override int Since => 10;

    public override Arity Inputs => new(2, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.Require(1, ElementKind.Floating);
        QuantizationShape.Check(context);
        var type = context.Has(2) ? context.Type(2) : context.Attributes.Int("output_dtype") is > 0 and var declared ? (DataType)declared : DataType.UInt8;
        context.Output(0, type, context.Shape(0));
    }
}
