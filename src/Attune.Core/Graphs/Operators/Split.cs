namespace Attune.Graphs.Operators;

/// <summary>Cuts x along <c>axis</c> into the lengths of input 1, or into <c>num_outputs</c> equal parts (the last may be shorter).</summary>
internal sealed class Split : Operator
{
    public override string Name => "Split";

    public override int Since => 2;

    public override Arity Inputs => new(1, 2);

    public override Arity Outputs => Arity.AtLeast(1);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        var outputs = context.Node.Outputs.Count;
        var shape = context.Shape(0);
        if (shape is null)
        {
            for (var i = 0; i < outputs; i++) context.Output(i, context.Type(0), null);
            return;
        }
        var axis = context.Axis(context.Attributes.Int("axis"), shape.Rank);
        var lengths = Lengths(context, shape[axis], outputs);
        for (var i = 0; i < outputs; i++)
        {
            var dimensions = shape.Dimensions.ToArray();
            dimensions[axis] = lengths[i];
            context.Output(i, context.Type(0), new Graphs.Shape(dimensions));
        }
    }

    private static Dimension[] Lengths(InferenceContext context, Dimension axis, int outputs)
    {
        if (context.Has(1))
        {
            if (context.Integers(1) is not { } given) return new Dimension[outputs];
            if (given.Length != outputs) context.Fail($"has {given.Length} lengths for {outputs} outputs");
            if (given.Any(g => g < 0)) context.Fail("a length is negative");
            if (axis.Size is { } total && given.Aggregate(0L, (a, b) => checked(a + b)) != total) context.Fail($"lengths [{string.Join(", ", given)}] do not add up to {total}");
            return [.. given.Select(g => new Dimension(g))];
        }
        var parts = context.Attributes.Int("num_outputs", outputs);
        if (parts != outputs) context.Fail($"num_outputs is {parts}, but the node has {outputs} outputs");
        if (axis.Size is not { } size) return new Dimension[outputs];
        var length = (size + parts - 1) / parts;
        return [.. Enumerable.Range(0, outputs).Select(i => new Dimension(Math.Clamp(size - i * length, 0, length)))];
    }
}
