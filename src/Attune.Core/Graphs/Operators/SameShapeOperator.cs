namespace Attune.Graphs.Operators;

/// <summary>A function of one real input that keeps its type and shape.</summary>
internal abstract class SameShapeOperator(string name, int since = 1) : Operator
{
    public override string Name => name;

    public override int Since => since;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
