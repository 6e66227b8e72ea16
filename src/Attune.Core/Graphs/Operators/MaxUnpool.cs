namespace Attune.Graphs.Operators;

/// <summary>Puts each value back to the index that MaxPool gave; input 2 may state the output's shape.</summary>
internal sealed class MaxUnpool : Operator
{
    public override string Name => "MaxUnpool";

    public override int Since => 9;

    public override Arity Inputs => new(2, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.Require(1, ElementKind.Index);
        context.RequireRank(0, 3);
        if (context.Attributes.Get<long[]>("kernel_shape") is not { } kernel)
        {
            context.Fail("attribute 'kernel_shape' is missing");
            return;
        }
        Graphs.Shape? result = null;
        if (context.Has(2)) result = context.Integers(2) is { } sizes ? Graphs.Shape.Of(sizes) : context.Shape(0) is { } x ? new Graphs.Shape(new Dimension[x.Rank]) : null;
        else if (context.Shape(0) is { } shape)
        {
            if (kernel.Length != shape.Rank - 2) context.Fail($"a kernel of {kernel.Length} axes does not fit input {shape}");
            var strides = context.Attributes.Get<long[]>("strides");
            var pads = context.Attributes.Get<long[]>("pads");
            var dimensions = shape.Dimensions.ToArray();
            for (var i = 0; i < kernel.Length; i++)
                dimensions[i + 2] = dimensions[i + 2].Size is { } size ? checked((size - 1) * (strides?[i] ?? 1) + kernel[i] - (pads?[i] ?? 0) - (pads?[kernel.Length + i] ?? 0)) : default(Dimension);
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result);
    }
}
