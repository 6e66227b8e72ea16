namespace Attune.Graphs.Operators;

/// <summary>Slices of <c>axis</c> (or elements of the flattened input) where the condition of input 1 holds.</summary>
internal sealed class Compress : Operator
{
    public override string Name => "Compress";

    public override int Since => 9;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Boolean);
        context.RequireRank(1, 1, 1);
        Graphs.Shape? result = new Graphs.Shape(default(Dimension));
        if (context.Attributes.ContainsKey("axis"))
        {
            result = null;
            if (context.Shape(0) is { } shape)
            {
                var dimensions = shape.Dimensions.ToArray();
                dimensions[context.Axis(context.Attributes.Int("axis"), shape.Rank)] = default;
                result = new Graphs.Shape(dimensions);
            }
        }
        context.Output(0, context.Type(0), result);
    }
}
