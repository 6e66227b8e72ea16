namespace Attune.Graphs.Operators;

/// <summary>γ·(x − μ)/√(σ² + ε) + β per row and channel.</summary>
internal sealed class InstanceNormalization : Operator
{
    public override string Name => "InstanceNormalization";

    public override Arity Inputs => new(3, 3);

    public override IReadOnlyList<int> WeightInputs => [1, 2];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 3);
        context.SameType(0, 1, 2);
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
