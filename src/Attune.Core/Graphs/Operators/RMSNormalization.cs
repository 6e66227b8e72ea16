namespace Attune.Graphs.Operators;

/// <summary>γ·x/√(mean(x²) + ε) over the axes from <c>axis</c> on.</summary>
internal sealed class RMSNormalization : Operator
{
    public override string Name => "RMSNormalization";

    public override int Since => 23;

    public override Arity Inputs => new(2, 2);

    public override IReadOnlyList<int> WeightInputs => [1];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        if (context.Shape(0) is { } shape) context.Axis(context.Attributes.Int("axis", -1), shape.Rank);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
