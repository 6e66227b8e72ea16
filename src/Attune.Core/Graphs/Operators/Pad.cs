namespace Attune.Graphs.Operators;

/// <summary>Adds <c>pads</c> (input 1: all starts, then all ends) around x; negative ones crop.</summary>
internal sealed class Pad : Operator
{
    public override string Name => "Pad";

    public override int Since => 2;

    public override Arity Inputs => new(2, 4);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var dimensions = new Dimension[shape.Rank];
            if (context.Integers(1) is { } pads && (!context.Has(3) || context.Integers(3) is not null))
            {
                var axes = context.Integers(3) ?? [.. Enumerable.Range(0, shape.Rank).Select(a => (long)a)];
                if (pads.Length != 2 * axes.Length) context.Fail($"has {pads.Length} pads for {axes.Length} axes");
                shape.Dimensions.ToArray().CopyTo(dimensions, 0);
                for (var i = 0; i < axes.Length; i++)
                {
                    var axis = context.Axis(axes[i], shape.Rank);
                    var added = checked(pads[i] + pads[axes.Length + i]);
                    if (added != 0) dimensions[axis] = dimensions[axis].Size is { } size ? checked(size + added) : default(Dimension);
                    if (dimensions[axis].Size < 0) context.Fail($"pads take more than the {shape[axis]} elements of axis {axis}");
                }
            }
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result);
    }
}
