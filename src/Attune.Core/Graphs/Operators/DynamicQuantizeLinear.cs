namespace Attune.Graphs.Operators;

/// <summary>Values as uint8, with the scale and zero point of their range.</summary>
internal sealed class DynamicQuantizeLinear : Operator
{
    public override string Name => "DynamicQuantizeLinear";

    public override int Since => 11;

    public override Arity Inputs => new(1, 1);

    public override Arity Outputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.Output(0, DataType.UInt8, context.Shape(0));
        context.Output(1, DataType.Float, Graphs.Shape.Of());
        context.Output(2, DataType.UInt8, Graphs.Shape.Of());
    }
}
