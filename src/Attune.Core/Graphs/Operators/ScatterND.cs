namespace Attune.Graphs.Operators;

/// <summary>A copy of data with slices (input 2) put at index tuples (input 1).</summary>
internal sealed class ScatterND : Operator
{
    public override string Name => "ScatterND";

    public override int Since => 11;

    public override Arity Inputs => new(3, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        context.RequireRank(0, 1);
        context.RequireRank(1, 1);
        if (context.Shape(0) is { } data && context.Shape(1) is { } indices && indices[-1].Size is { } depth && (depth < 1 || depth > data.Rank)) context.Fail($"tuples of {depth} do not fit {data}");
        context.Output(0, context.SameType(0, 2), context.Shape(0));
    }
}
