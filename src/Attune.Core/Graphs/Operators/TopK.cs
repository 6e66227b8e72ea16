namespace Attune.Graphs.Operators;

/// <summary>The k greatest (or least) elements along <c>axis</c> and their indices; k is input 1.</summary>
internal sealed class TopK : Operator
{
    public override string Name => "TopK";

    public override Arity Inputs => new(2, 2);

    public override Arity Outputs => new(1, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var axis = context.Axis(context.Attributes.Int("axis", -1), shape.Rank);
            var dimensions = shape.Dimensions.ToArray();
            dimensions[axis] = context.Content(1) is [var k] ? k : default;
            if (dimensions[axis].Size is { } count && (count < 0 || count > shape[axis].Size)) context.Fail($"k is {count} on an axis of {shape[axis]}");
            result = new Graphs.Shape(dimensions);
        }
        context.Output(0, context.Type(0), result);
        context.Output(1, DataType.Int64, result);
    }
}
