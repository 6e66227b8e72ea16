namespace Attune.Graphs.Operators;

/// <summary>Running sum along the axis that input 1 gives.</summary>
internal sealed class CumSum : Operator
{
    public override string Name => "CumSum";

    public override int Since => 11;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.Require(1, ElementKind.Index);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
