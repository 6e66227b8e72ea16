namespace Attune.Graphs.Operators;

/// <summary>γ·(x − μ)/√(σ² + ε) + β per channel (axis 1), with running statistics in evaluation.</summary>
internal sealed class BatchNormalization : Operator
{
    public override string Name => "BatchNormalization";

    public override Arity Inputs => new(5, 5);

    public override IReadOnlyList<int> WeightInputs => [1, 2];

    public override IReadOnlyList<int> BufferInputs => [3, 4];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 1);
        if (context.Shape(0) is { Rank: > 1 } shape)
        {
            for (var i = 1; i <= 4; i++)
            {
                context.RequireRank(i, 1, 1);
                if (context.Shape(i) is { } channels) context.Agree(shape[1], channels[0], $"channels of '{context.Node.Inputs[0]}' and '{context.Node.Inputs[i]}'");
            }
        }
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
