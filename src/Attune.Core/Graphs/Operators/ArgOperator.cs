namespace Attune.Graphs.Operators;

/// <summary>Index of the extreme element along <c>axis</c>, int64.</summary>
internal abstract class ArgOperator(string name) : Operator
{
    public override string Name => name;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var axis = context.Axis(context.Attributes.Int("axis"), shape.Rank);
            var dimensions = shape.Dimensions.ToList();
            if (context.Attributes.Int("keepdims", 1) != 0) dimensions[axis] = 1;
            else dimensions.RemoveAt(axis);
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, DataType.Int64, result);
    }
}
