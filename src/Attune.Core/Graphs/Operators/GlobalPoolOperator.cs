namespace Attune.Graphs.Operators;

/// <summary>A function of all spatial elements of a channel: [B, C, …] → [B, C, 1, …].</summary>
internal abstract class GlobalPoolOperator(string name) : Operator
{
    public override string Name => name;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 2);
        var shape = context.Shape(0);
        context.Output(0, context.Type(0), shape is null ? null : new Graphs.Shape([shape[0], shape[1], .. Enumerable.Repeat(new Dimension(1), shape.Rank - 2)]));
    }
}
