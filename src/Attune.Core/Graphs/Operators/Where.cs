namespace Attune.Graphs.Operators;

/// <summary>a where the condition holds, else b; all three broadcast.</summary>
internal sealed class Where : Operator
{
    public override string Name => "Where";

    public override int Since => 9;

    public override Arity Inputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Boolean);
        var type = context.SameType(1, 2);
        Dimension[]? content = null;
        if (context.Content(0) is { } condition && context.Content(1) is { } a && context.Content(2) is { } b && a.Count == condition.Count && b.Count == condition.Count)
            content = [.. condition.Select((c, i) => c.Size switch { 1 => a[i], 0 => b[i], _ => default })];
        context.Output(0, type, Broadcasting.Shapes(context, 0, 1, 2), content);
    }
}
