namespace Attune.Graphs.Operators;

/// <summary>γ·(x − μ)/√(σ² + ε) + β over the axes from <c>axis</c> on.</summary>
internal sealed class LayerNormalization : Operator
{
    public override string Name => "LayerNormalization";

    public override int Since => 17;

    public override Arity Inputs => new(2, 3);

    public override Arity Outputs => new(1, 3);

    public override IReadOnlyList<int> WeightInputs => [1, 2];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.SameType(0, 1, 2);
        Graphs.Shape? statistics = null;
        if (context.Shape(0) is { } shape)
        {
            var axis = context.Axis(context.Attributes.Int("axis", -1), shape.Rank);
            for (var i = 1; i <= 2; i++)
            {
                if (context.Shape(i) is { } weight && Broadcasting.Pair(context, shape, weight).Rank > shape.Rank)
                    context.Fail($"'{context.Node.Inputs[i]}' {weight} does not broadcast to {shape}");
            }
            statistics = new Graphs.Shape([.. shape.Dimensions.Take(axis), .. Enumerable.Repeat(new Dimension(1), shape.Rank - axis)]);
        }
        context.Output(0, context.Type(0), context.Shape(0));
        context.Output(1, DataType.Float, statistics);
        context.Output(2, DataType.Float, statistics);
    }
}
