namespace Attune.Graphs.Operators;

/// <summary>[d0, …] → [d0·…·d(axis−1), d(axis)·…].</summary>
internal sealed class Flatten : Operator
{
    public override string Name => "Flatten";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var axis = context.Attributes.Int("axis", 1);
            if (axis < -shape.Rank || axis > shape.Rank) context.Fail($"axis {axis} does not exist in {shape}");
            var split = (int)(axis < 0 ? axis + shape.Rank : axis);
            result = new Graphs.Shape(Reshape.Product(shape.Dimensions.Take(split)), Reshape.Product(shape.Dimensions.Skip(split)));
        }
        context.Output(0, context.Type(0), result);
    }
}
