namespace Attune.Graphs.Operators;

/// <summary>Removes the axes of input 1 (all of size 1 when absent).</summary>
internal sealed class Squeeze : Operator
{
    public override string Name => "Squeeze";

    public override Arity Inputs => new(1, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            if (context.Integers(1) is { } axes)
            {
                var removed = axes.Select(a => context.Axis(a, shape.Rank)).ToHashSet();
                foreach (var axis in removed)
                {
                    if (shape[axis].Size is { } size and not 1) context.Fail($"axis {axis} of {shape} has size {size}, not 1");
                }
                result = new Graphs.Shape([.. shape.Dimensions.Where((_, i) => !removed.Contains(i))]);
            }
            else if (!context.Has(1) && shape.Dimensions.All(d => d.Size is not null)) result = new Graphs.Shape([.. shape.Dimensions.Where(d => d.Size != 1)]);
        }
        context.Output(0, context.Type(0), result, context.Content(0));
    }
}
