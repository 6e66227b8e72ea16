namespace Attune.Graphs.Operators;

/// <summary>The upper (default) or lower triangle; the rest is 0.</summary>
internal sealed class Trilu : Operator
{
    public override string Name => "Trilu";

    public override int Since => 14;

    public override Arity Inputs => new(1, 2);

    public override void Infer(InferenceContext context)
    {
        context.RequireRank(0, 2);
        context.Require(1, ElementKind.Index);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
