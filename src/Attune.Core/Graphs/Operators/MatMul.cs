namespace Attune.Graphs.Operators;

/// <summary>Matrix product over the last two axes; earlier axes broadcast.</summary>
internal sealed class MatMul : Operator
{
    public override string Name => "MatMul";

    public override Arity Inputs => new(2, 2);

    public override IReadOnlyList<int> WeightInputs => [0, 1];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        var type = context.SameType(0, 1);
        context.RequireRank(0, 1);
        context.RequireRank(1, 1);
        context.Output(0, type, context.Shape(0) is { } a && context.Shape(1) is { } b ? Product(context, 0, a, 1, b) : null);
    }

    /// <summary>Shape of the product of two inputs.</summary>
    public static Graphs.Shape Product(InferenceContext context, int left, Graphs.Shape a, int right, Graphs.Shape b)
    {
        context.Agree(a[-1], b[b.Rank == 1 ? 0 : -2], $"inner sizes of '{context.Node.Inputs[left]}' {a} and '{context.Node.Inputs[right]}' {b}");
        var batch = Broadcasting.Pair(context, new Graphs.Shape([.. a.Dimensions.SkipLast(2)]), new Graphs.Shape([.. b.Dimensions.SkipLast(2)]));
        var dimensions = batch.Dimensions.ToList();
        if (a.Rank > 1) dimensions.Add(a[-2]);
        if (b.Rank > 1) dimensions.Add(b[-1]);
        return new Graphs.Shape(dimensions);
    }
}
