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
            if (w.Rank != x.Rank) context.Fail($"input {x} and kernel {w} have different ranks");
            var group = context.Attributes.Int("group", 1);
            if (group < 1) context.Fail($"attribute 'group' is {group}");
            if (x[1].Size is { } channels && w[1].Size is { } width && channels != checked(width * group))
                context.Fail($"the input has {channels} channels; kernel {w} with group {group} needs {width * group}");
            var output = w[0];
            if (context.Shape(2) is { Rank: 1 } bias) output = context.Agree(output, bias[0], "output channels of kernel and bias");
            result = new Graphs.Shape([x[0], output, .. SlidingWindow.Sizes(context, x, [.. w.Dimensions.Skip(2)])]);
        }
        context.Output(0, context.Type(0), result);
    }
}
