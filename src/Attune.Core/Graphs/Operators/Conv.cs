namespace Attune.Graphs.Operators;

/// <summary>Convolution: x [B, C, …] with W [out, C / group, …] and bias [out].</summary>
internal sealed class Conv : Operator
{
    public override string Name => "Conv";

    public override Arity Inputs => new(2, 3);

    public override IReadOnlyList<int> WeightInputs => [1, 2];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.SameType(0, 1, 2);
        context.RequireRank(0, 3);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } x && context.Shape(1) is { } w)
        {
            result = SlidingWindow.Convolved(context, x, w);
            if (context.Shape(2) is { Rank: 1 } bias) result = new Graphs.Shape([x[0], context.Agree(w[0], bias[0], "output channels of kernel and bias"), .. result.Dimensions.Skip(2)]);
        }
        context.Output(0, context.Type(0), result);
    }
}
