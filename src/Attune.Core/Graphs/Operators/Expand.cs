namespace Attune.Graphs.Operators;

/// <summary>Broadcasts x to the shape in input 1.</summary>
internal sealed class Expand : Operator
{
    public override string Name => "Expand";

    public override int Since => 8;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape && context.Content(1) is { } target)
        {
            if (target.Any(t => t.Size < 0)) context.Fail($"shape [{string.Join(", ", target)}] has a negative size");
            result = Broadcasting.Pair(context, shape, new Graphs.Shape([.. target]));
        }
        context.Output(0, context.Type(0), result);
    }
}
