namespace Attune.Graphs.Operators;

/// <summary>Long short-term memory over x [T, B, D] (layout 0): Y [T, directions, B, hidden], Y_h and Y_c [directions, B, hidden].</summary>
internal sealed class LSTM : Operator
{
    public override string Name => "LSTM";

    public override Arity Inputs => new(3, 8);

    public override Arity Outputs => new(0, 3);

    public override IReadOnlyList<int> WeightInputs => [1, 2, 3, 7];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 3, 3);
        context.RequireRank(1, 3, 3);
        context.RequireRank(2, 3, 3);
        var type = context.SameType(0, 1, 2, 3, 5, 6, 7);
        Graphs.Shape? all = null, last = null;
        if (context.Shape(0) is { } x && context.Shape(2) is { } recurrence)
        {
            var (directions, hidden) = (recurrence[0], recurrence[2]);
            if (context.Attributes.Int("layout") == 0) (all, last) = (new(x[0], directions, x[1], hidden), new(directions, x[1], hidden));
            else (all, last) = (new(x[0], x[1], directions, hidden), new(x[0], directions, hidden));
        }
        context.Output(0, type, all);
        context.Output(1, type, last);
        context.Output(2, type, last);
    }
}
