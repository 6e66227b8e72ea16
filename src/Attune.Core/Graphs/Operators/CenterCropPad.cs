namespace Attune.Graphs.Operators;

/// <summary>Crops or pads axes around their centres to the sizes of input 1.</summary>
internal sealed class CenterCropPad : Operator
{
    public override string Name => "CenterCropPad";

    public override int Since => 18;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            int[] axes = [.. (context.Attributes.Get<long[]>("axes") ?? [.. Enumerable.Range(0, shape.Rank).Select(a => (long)a)]).Select(a => context.Axis(a, shape.Rank))];
            var dimensions = shape.Dimensions.ToArray();
            var sizes = context.Content(1);
            if (sizes is not null && sizes.Count != axes.Length) context.Fail($"has {sizes.Count} sizes for {axes.Length} axes");
            for (var i = 0; i < axes.Length; i++) dimensions[axes[i]] = sizes?[i] ?? default;
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result);
    }
}
