namespace Attune.Graphs.Operators;

/// <summary>start, start + delta, … below limit.</summary>
internal sealed class Range : Operator
{
    public override string Name => "Range";

    public override int Since => 11;

    public override Arity Inputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        var type = context.SameType(0, 1, 2);
        Dimension length = default;
        if (context.Content(0) is [{ Size: { } start }] && context.Content(2) is [{ Size: { } delta }])
        {
            if (delta == 0) context.Fail("delta is 0");
            if (context.Content(1) is [var end] && start == 0 && delta == 1) length = end.Size is < 0 ? 0 : end;
            else if (context.Content(1) is [{ Size: { } limit }])
                length = (long)Math.Max(0, Math.Ceiling(((double)limit - start) / delta));
        }
        context.Output(0, type, new Graphs.Shape(length));
    }
}
