namespace Attune.Graphs.Operators;

/// <summary>The sizes of x as int64, from <c>start</c> to <c>end</c>.</summary>
internal sealed class ShapeOf : Operator
{
    public override string Name => "Shape";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape)
        {
            context.Output(0, DataType.Int64, new Graphs.Shape(default(Dimension)));
            return;
        }
        var start = Bound(context.Attributes.Int("start"), shape.Rank);
        var end = Bound(context.Attributes.Int("end", shape.Rank), shape.Rank);
        var sizes = shape.Dimensions.Skip(start).Take(Math.Max(0, end - start)).ToArray();
        context.Output(0, DataType.Int64, Graphs.Shape.Of(sizes.Length), sizes);
    }

    private static int Bound(long index, int rank) => (int)Math.Clamp(index < 0 ? index + rank : index, 0, rank);
}
