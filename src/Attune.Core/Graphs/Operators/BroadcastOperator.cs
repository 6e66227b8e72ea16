namespace Attune.Graphs.Operators;

/// <summary>y = f(a, b, …) for every element after ONNX broadcasting; comparisons give bool.</summary>
internal abstract class BroadcastOperator(string name, ElementKind kind, int since = 1, bool variadic = false, bool comparison = false, bool sameType = true) : Operator
{
    public override string Name => name;

    public override int Since => since;

    public override Arity Inputs => variadic ? Arity.AtLeast(1) : new(2, 2);

    /// <summary>The operator on two elements of shape arithmetic; unknown unless an operator knows better.</summary>
    protected virtual Dimension Combine(Dimension a, Dimension b) => default;

    public override void Infer(InferenceContext context)
    {
        int[] inputs = [.. Enumerable.Range(0, context.Node.Inputs.Count)];
        foreach (var input in inputs) context.Require(input, kind);
        var type = sameType ? context.SameType(inputs) : context.Type(0);
        context.Output(0, comparison ? DataType.Bool : type, Broadcasting.Shapes(context, inputs), Content(context));
    }

    private Dimension[]? Content(InferenceContext context)
    {
        if (context.Node.Inputs.Count != 2 || context.Content(0) is not { } a || context.Content(1) is not { } b) return null;
        if (a.Count != b.Count && a.Count != 1 && b.Count != 1) return null;
        var content = new Dimension[a.Count == 1 ? b.Count : a.Count];
        for (var i = 0; i < content.Length; i++) content[i] = Combine(a[a.Count == 1 ? 0 : i], b[b.Count == 1 ? 0 : i]);
        return content;
    }
}
