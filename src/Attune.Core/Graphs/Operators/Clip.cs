namespace Attune.Graphs.Operators;

/// <summary>min(max(x, low), high); both bounds are optional scalars.</summary>
internal sealed class Clip : Operator
{
    public override string Name => "Clip";

    public override Arity Inputs => new(1, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.SameType(0, 1, 2);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
