namespace Attune.Graphs.Operators;

/// <summary>Rows of <c>data</c> at <c>indices</c> along <c>axis</c>: an embedding when data is a weight [V, D].</summary>
internal sealed class Gather : Operator
{
    public override string Name => "Gather";

    public override Arity Inputs => new(2, 2);

    public override IReadOnlyList<int> WeightInputs => [0];

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        context.RequireRank(0, 1);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } data)
        {
            var axis = context.Axis(context.Attributes.Int("axis"), data.Rank);
            if (context.Shape(1) is { } indices) result = new Graphs.Shape([.. data.Dimensions.Take(axis), .. indices.Dimensions, .. data.Dimensions.Skip(axis + 1)]);
        }
        context.Output(0, context.Type(0), result, Content(context));
    }

    private static Dimension[]? Content(InferenceContext context)
    {
        if (context.Content(0) is not { } data || context.Integers(1) is not { } indices || context.Shape(1) is not { Rank: <= 1 }) return null;
        return [.. indices.Select(i => data[context.Axis(i, data.Count)])];
    }
}
