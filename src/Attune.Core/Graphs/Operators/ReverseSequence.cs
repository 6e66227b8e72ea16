namespace Attune.Graphs.Operators;

/// <summary>Turns the first steps of each row round, as many as its length (input 1) says.</summary>
internal sealed class ReverseSequence : Operator
{
    public override string Name => "ReverseSequence";

    public override int Since => 10;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.RequireRank(0, 2);
        context.Require(1, ElementKind.Index);
        context.RequireRank(1, 1, 1);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
