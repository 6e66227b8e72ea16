namespace Attune.Graphs.Operators;

/// <summary>Places of the elements that are not 0: int64 [rank, count].</summary>
internal sealed class NonZero : Operator
{
    public override string Name => "NonZero";

    public override int Since => 9;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
        => context.Output(0, DataType.Int64, new Graphs.Shape(context.Shape(0) is { } shape ? Math.Max(1, shape.Rank) : default(Dimension), default));
}
