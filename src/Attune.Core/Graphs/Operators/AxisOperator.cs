namespace Attune.Graphs.Operators;

/// <summary>A function of all elements along <c>axis</c> that keeps the shape (softmax and its kin).</summary>
internal abstract class AxisOperator(string name, long defaultAxis = -1) : Operator
{
    public override string Name => name;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        if (context.Shape(0) is { } shape) context.Axis(context.Attributes.Int("axis", defaultAxis), shape.Rank);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
