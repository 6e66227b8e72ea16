namespace Attune.Graphs.Operators;

/// <summary>Converts elements to the type of input 1.</summary>
internal sealed class CastLike : Operator
{
    public override string Name => "CastLike";

    public override int Since => 15;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
        => context.Output(0, context.Type(1), context.Shape(0), context.Type(1) is DataType.Int32 or DataType.Int64 ? context.Content(0) : null);
}
