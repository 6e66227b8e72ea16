namespace Attune.Graphs.Operators;

/// <summary>Resamples axes to sizes (input 3) or by scales (input 2).</summary>
internal sealed class Resize : Operator
{
    public override string Name => "Resize";

    public override int Since => 10;

    public override Arity Inputs => new(1, 4);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.Require(3, ElementKind.Index);
        if (!context.Has(2) && !context.Has(3)) context.Fail("neither scales nor sizes are given");
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            int[] axes = [.. (context.Attributes.Get<long[]>("axes") ?? [.. Enumerable.Range(0, shape.Rank).Select(a => (long)a)]).Select(a => context.Axis(a, shape.Rank))];
            var dimensions = shape.Dimensions.ToArray();
            var policy = context.Attributes.Text("keep_aspect_ratio_policy", "stretch");
            var isKnown = context.Content(3) is { } sizes && sizes.Count == axes.Length;
            for (var i = 0; i < axes.Length; i++)
            {
                var axis = axes[i];
                if (isKnown && policy == "stretch") dimensions[axis] = context.Content(3)![i];
                else if (isKnown) dimensions[axis] = Kept(context, shape, axes, axis, policy == "not_larger");
                else dimensions[axis] = default;
            }
            if (!isKnown && context.Reals(2) is { } scales && scales.Length == axes.Length)
            {
                for (var i = 0; i < axes.Length; i++)
                {
                    if (scales[i] == 1) dimensions[axes[i]] = shape[axes[i]];
                    else if (shape[axes[i]].Size is { } size) dimensions[axes[i]] = checked((long)Math.Floor(size * (double)scales[i]));
                }
            }
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result);
    }

    private static Dimension Kept(InferenceContext context, Graphs.Shape shape, int[] axes, int axis, bool smallest)
    {
        if (context.Integers(3) is not { } sizes || axes.Any(a => shape[a].Size is null or 0)) return default;
        var scales = axes.Select((a, i) => sizes[i] / (double)shape[a].Size!.Value);
        return (long)Math.Floor((smallest ? scales.Min() : scales.Max()) * shape[axis].Size!.Value + 0.5);
    }
}
