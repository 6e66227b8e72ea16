namespace Attune.Graphs.Operators;

/// <summary>A copy of data with elements (input 2) put at indices (input 1) along <c>axis</c>.</summary>
internal abstract class ScatterOperator(string name, int since) : Operator
{
    public override string Name => name;

    public override int Since => since;

    public override Arity Inputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        if (context.Shape(0) is { } data)
        {
            context.Axis(context.Attributes.Int("axis"), data.Rank);
            context.RequireRank(1, data.Rank, data.Rank);
            context.RequireRank(2, data.Rank, data.Rank);
        }
        context.Output(0, context.SameType(0, 2), context.Shape(0));
    }
}
