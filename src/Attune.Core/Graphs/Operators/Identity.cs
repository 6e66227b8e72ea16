namespace Attune.Graphs.Operators;

/// <summary>x.</summary>
internal sealed class Identity : Operator
{
    public override string Name => "Identity";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Output(0, context.Type(0), context.Shape(0), context.Content(0));
    }
}
