namespace Attune.Graphs.Operators;

/// <summary>In training zeroes a share of the elements and scales the rest; identity in evaluation.</summary>
internal sealed class Dropout : Operator
{
    public override string Name => "Dropout";

    public override Arity Inputs => new(1, 3);

    public override Arity Outputs => new(1, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.Require(2, ElementKind.Boolean);
        context.Output(0, context.Type(0), context.Shape(0));
        context.Output(1, DataType.Bool, context.Shape(0));
    }
}
