namespace Attune.Graphs.Operators;

/// <summary>Elements from <c>starts</c> to <c>ends</c> (inputs 1 and 2) along <c>axes</c> (3) by <c>steps</c> (4).</summary>
internal sealed class Slice : Operator
{
    public override string Name => "Slice";

    public override Arity Inputs => new(3, 5);

    public override void Infer(InferenceContext context)
    {
        for (var i = 1; i <= 4; i++) context.Require(i, ElementKind.Index);
        Graphs.Shape? result = null;
        IReadOnlyList<Dimension>? content = null;
        if (context.Shape(0) is { } shape)
        {
            var dimensions = new Dimension[shape.Rank];
            if (Axes(context, shape.Rank) is { } axes)
            {
                shape.Dimensions.ToArray().CopyTo(dimensions, 0);
                for (var i = 0; i < axes.Length; i++)
                {
                    var (start, end, step) = (Element(context, 1, i), Element(context, 2, i), context.Has(4) ? Element(context, 4, i) : 1);
                    if (step == 0) context.Fail("a step is 0");
                    // x[:T] has T elements for every T up to the axis, and no graph means another.
                    dimensions[axes[i]] = start == 0 && step == 1 && end is null && Symbol(context, 2, i) is { } symbol ? symbol : Length(shape[axes[i]], start, end, step);
                    if (shape.Rank == 1 && context.Content(0) is { } whole) content = Part(whole, start, end, step);
                }
            }
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result, content);
    }

    private static int[]? Axes(InferenceContext context, int rank)
    {
        if (context.Has(3)) return context.Integers(3)?.Select(a => context.Axis(a, rank)).ToArray();
        if (context.Shape(1) is not { Rank: 1 } starts || starts[0].Size is not { } count) return null;
        if (count > rank) context.Fail($"has {count} starts for rank {rank}");
        return [.. Enumerable.Range(0, (int)count)];
    }

    private static long? Element(InferenceContext context, int input, int index)
        => context.Content(input) is { } content && index < content.Count ? content[index].Size : null;

    private static string? Symbol(InferenceContext context, int input, int index)
        => context.Content(input) is { } content && index < content.Count ? content[index].Symbol : null;

    private static Dimension Length(Dimension axis, long? start, long? end, long? step)
    {
        if (start == 0 && step == 1 && end >= int.MaxValue) return axis;
        if (start is null || end is null || step is null) return default;
        if (axis.Size is not { } size) return step == 1 && start >= 0 && end <= start ? 0 : default(Dimension);
        var (first, last) = Bounds(size, start.Value, end.Value, step.Value);
        var span = step > 0 ? last - first : first - last;
        var stride = Math.Abs(Math.Max(step.Value, -long.MaxValue));
        return span <= 0 ? 0 : (span - 1) / stride + 1;
    }

    private static (long First, long Last) Bounds(long size, long start, long end, long step)
    {
        start = start < 0 ? start + size : start;
        end = end < 0 ? Math.Max(end, -long.MaxValue + size) + size : end;
        return step > 0 ? (Math.Clamp(start, 0, size), Math.Clamp(end, 0, size)) : (Math.Clamp(start, -1, size - 1), Math.Clamp(end, -1, size - 1));
    }

    private static Dimension[]? Part(IReadOnlyList<Dimension> whole, long? start, long? end, long? step)
    {
        if (start is null || end is null || step != 1) return null;
        var (first, last) = Bounds(whole.Count, start.Value, end.Value, 1);
        return [.. whole.Skip((int)first).Take((int)Math.Max(0, last - first))];
    }
}
