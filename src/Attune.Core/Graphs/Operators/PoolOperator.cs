namespace Attune.Graphs.Operators;

/// <summary>A function of a sliding window, per channel: [B, C, …] → [B, C, …].</summary>
internal abstract class PoolOperator(string name) : Operator
{
    public override string Name => name;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.RequireRank(0, 3);
        if (context.Attributes.Get<long[]>("kernel_shape") is not { } kernel)
        {
            context.Fail("attribute 'kernel_shape' is missing");
            return;
        }
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
            result = new Graphs.Shape([shape[0], shape[1], .. SlidingWindow.Sizes(context, shape, [.. kernel.Select(k => new Dimension(k))])]);
        context.Output(0, context.Type(0), result);
        context.Output(1, DataType.Int64, result);
    }
}
