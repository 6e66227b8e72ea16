namespace Attune.Graphs.Operators;

/// <summary>The number of elements, int64.</summary>
internal sealed class Size : Operator
{
    public override string Name => "Size";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.Output(0, DataType.Int64, new Graphs.Shape(), context.Shape(0) is { } shape ? [Reshape.Product(shape.Dimensions)] : null);
    }
}
