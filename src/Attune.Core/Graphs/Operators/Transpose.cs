namespace Attune.Graphs.Operators;

/// <summary>Axes in the order of <c>perm</c> (default: reversed).</summary>
internal sealed class Transpose : Operator
{
    public override string Name => "Transpose";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            var order = context.Attributes.Get<long[]>("perm") ?? [.. Enumerable.Range(0, shape.Rank).Select(a => (long)a).Reverse()];
            if (order.Length != shape.Rank || order.Distinct().Count() != order.Length || order.Any(a => a < 0 || a >= shape.Rank))
                context.Fail($"perm [{string.Join(", ", order)}] is no order of the axes of {shape}");
            result = new Graphs.Shape([.. order.Select(a => shape[(int)a])]);
        }
        context.Output(0, context.Type(0), result);
    }
}
