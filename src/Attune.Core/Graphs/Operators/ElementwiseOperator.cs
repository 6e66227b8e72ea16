namespace Attune.Graphs.Operators;

/// <summary>y = f(x) for every element: the output has the input's shape and type. Further inputs are scalars.</summary>
internal abstract class ElementwiseOperator(string name, ElementKind kind, int since = 1, int scalars = 0, DataType? result = null) : Operator
{
    public override string Name => name;

    public override int Since => since;

    public override Arity Inputs => new(1, 1 + scalars);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, kind);
        for (var i = 1; i <= scalars; i++) RequireScalar(context, i);
        context.Output(0, result ?? context.Type(0), context.Shape(0));
    }

    private static void RequireScalar(InferenceContext context, int input)
    {
        if (context.Shape(input) is { } shape && (shape.Rank > 1 || shape.Dimensions.Any(d => d.Size is not (null or 1))))
            context.Fail($"input {input} ('{context.Node.Inputs[input]}') has shape {shape}; a scalar was expected");
    }
}
