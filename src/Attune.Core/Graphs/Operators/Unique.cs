namespace Attune.Graphs.Operators;

/// <summary>The distinct elements, or slices of <c>axis</c>; their first places, the place of each element, counts.</summary>
internal sealed class Unique : Operator
{
    public override string Name => "Unique";

    public override int Since => 11;

    public override Arity Inputs => new(1, 1);

    public override Arity Outputs => new(1, 4);

    public override void Infer(InferenceContext context)
    {
        Graphs.Shape? result = new Graphs.Shape(default(Dimension));
        var whole = context.Shape(0) is { } all ? Reshape.Product(all.Dimensions) : default;
        if (context.Attributes.ContainsKey("axis"))
        {
            result = null;
            whole = default;
            if (context.Shape(0) is { } shape)
            {
                var axis = context.Axis(context.Attributes.Int("axis"), shape.Rank);
                var dimensions = shape.Dimensions.ToArray();
                whole = dimensions[axis];
                dimensions[axis] = default;
                result = new Graphs.Shape(dimensions);
            }
        }
        context.Output(0, context.Type(0), result);
        context.Output(1, DataType.Int64, new Graphs.Shape(default(Dimension)));
        context.Output(2, DataType.Int64, new Graphs.Shape(whole));
        context.Output(3, DataType.Int64, new Graphs.Shape(default(Dimension)));
    }
}
