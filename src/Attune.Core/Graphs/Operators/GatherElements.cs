namespace Attune.Graphs.Operators;

/// <summary>Elements of <c>data</c> at <c>indices</c> along <c>axis</c>; both have one rank.</summary>
internal sealed class GatherElements : Operator
{
    public override string Name => "GatherElements";

    public override int Since => 11;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        if (context.Shape(0) is { } data)
        {
            context.Axis(context.Attributes.Int("axis"), data.Rank);
            context.RequireRank(1, data.Rank, data.Rank);
        }
        context.Output(0, context.Type(0), context.Shape(1));
    }
}
