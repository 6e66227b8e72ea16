namespace Attune.Graphs.Operators;

/// <summary>α·A·B + β·C with optional transposition; C broadcasts to [rows, columns].</summary>
internal sealed class Gemm : Operator
{
    public override string Name => "Gemm";

    public override Arity Inputs => new(2, 3);

    public override IReadOnlyList<int> WeightInputs => [0, 1, 2];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Numeric);
        var type = context.SameType(0, 1, 2);
        context.RequireRank(0, 2, 2);
        context.RequireRank(1, 2, 2);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } a && context.Shape(1) is { } b)
        {
            var (rows, inner) = context.Attributes.Int("transA") != 0 ? (a[1], a[0]) : (a[0], a[1]);
            var (depth, columns) = context.Attributes.Int("transB") != 0 ? (b[1], b[0]) : (b[0], b[1]);
            context.Agree(inner, depth, $"inner sizes of '{context.Node.Inputs[0]}' {a} and '{context.Node.Inputs[1]}' {b}");
            result = new Graphs.Shape(rows, columns);
            if (context.Shape(2) is { } c && Broadcasting.Pair(context, result, c).Rank > 2) context.Fail($"bias {c} does not broadcast to {result}");
            if (context.Shape(2) is { Rank: > 0 } bias && columns.Size is { } width && bias[-1].Size is { } length && length != 1 && length != width)
                context.Fail($"bias {bias} does not broadcast to {result}");
        }
        context.Output(0, type, result);
    }
}
