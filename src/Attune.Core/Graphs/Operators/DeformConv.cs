namespace Attune.Graphs.Operators;

/// <summary>Convolution that reads at offsets (input 2): x [B, C, H, W], W [out, C / group, …], bias (3), weights of the reads (4).</summary>
internal sealed class DeformConv : Operator
{
    public override string Name => "DeformConv";

    public override int Since => 19;

    public override Arity Inputs => new(3, 5);

    public override IReadOnlyList<int> WeightInputs => [1, 3];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.SameType(0, 1, 2, 3, 4);
        context.RequireRank(0, 3);
        context.Output(0, context.Type(0), context.Shape(0) is { } x && context.Shape(1) is { } w ? SlidingWindow.Convolved(context, x, w) : null);
    }
}
