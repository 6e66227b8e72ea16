namespace Attune.Graphs.Operators;

/// <summary>Reduces the axes that input 1 lists (all when it is absent, unless <c>noop_with_empty_axes</c>); <c>keepdims</c> keeps them as 1. The greatest and the least of truth values are their or and their and.</summary>
internal abstract class ReductionOperator(string name, bool takesTruthValues = false) : Operator
{
    public override string Name => name;

    public override Arity Inputs => new(1, 2);

    public override void Infer(InferenceContext context)
    {
        if (!takesTruthValues || context.Type(0) != DataType.Bool) context.Require(0, ElementKind.Numeric);
        context.Require(1, ElementKind.Index);
        context.Output(0, context.Type(0), Reduced(context));
    }

    private static Graphs.Shape? Reduced(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape) return null;
        var keep = context.Attributes.Int("keepdims", 1) != 0;
        var axes = context.Integers(1);
        if (context.Has(1) && axes is null) return keep ? new Graphs.Shape(new Dimension[shape.Rank]) : null;
        if (axes is null or [])
        {
            if (context.Attributes.Int("noop_with_empty_axes") != 0) return shape;
            axes = [.. Enumerable.Range(0, shape.Rank).Select(a => (long)a)];
        }
        var reduced = axes.Select(a => context.Axis(a, shape.Rank)).ToHashSet();
        var dimensions = new List<Dimension>();
        for (var i = 0; i < shape.Rank; i++)
        {
            if (!reduced.Contains(i)) dimensions.Add(shape[i]);
            else if (keep) dimensions.Add(1);
        }
        return new Graphs.Shape(dimensions);
    }
}
