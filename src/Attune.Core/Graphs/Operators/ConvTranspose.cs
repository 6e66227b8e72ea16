namespace Attune.Graphs.Operators;

/// <summary>Transposed convolution: x [B, C, …] with W [C, out / group, …] and bias [out].</summary>
internal sealed class ConvTranspose : Operator
{
    public override string Name => "ConvTranspose";

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
            context.Agree(x[1], w[0], "channels of input and kernel");
            var output = w[1].Size is { } width ? checked(width * group) : default(Dimension);
            if (context.Shape(2) is { Rank: 1 } bias) output = context.Agree(output, bias[0], "output channels of kernel and bias");
            result = new Graphs.Shape([x[0], output, .. Sizes(context, x, w)]);
        }
        context.Output(0, context.Type(0), result);
    }

    private static Dimension[] Sizes(InferenceContext context, Graphs.Shape x, Graphs.Shape w)
    {
        var rank = x.Rank - 2;
        long[] List(string name, int length, long value)
        {
            var list = context.Attributes.Get<long[]>(name) ?? [.. Enumerable.Repeat(value, length)];
            if (list.Length != length) context.Fail($"'{name}' has {list.Length} numbers; {length} were expected");
            return list;
        }
        var (strides, dilations, extra, pads) = (List("strides", rank, 1), List("dilations", rank, 1), List("output_padding", rank, 0), List("pads", 2 * rank, 0));
        var wanted = context.Attributes.Get<long[]>("output_shape");
        var automatic = context.Attributes.Text("auto_pad", "NOTSET");
        var sizes = new Dimension[rank];
        for (var i = 0; i < rank; i++)
        {
            if (strides[i] < 1 || dilations[i] < 1) context.Fail("strides and dilations must be at least 1");
            if (wanted is not null && wanted.Length >= rank) sizes[i] = wanted[wanted.Length - rank + i];
            else if (x[i + 2].Size is not { } size || w[i + 2].Size is not { } kernel) continue;
            else if (automatic is "SAME_UPPER" or "SAME_LOWER") sizes[i] = checked(size * strides[i]);
            else sizes[i] = checked(strides[i] * (size - 1) + extra[i] + (kernel - 1) * dilations[i] + 1 - (automatic == "VALID" ? 0 : pads[i] + pads[rank + i]));
            if (sizes[i].Size < 0) context.Fail($"pads take more than axis {i + 2} has");
        }
        return sizes;
    }
}
