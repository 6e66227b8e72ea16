namespace Attune.Graphs.Operators;

/// <summary>A recurrent network over x [T, B, D] (layout 0): Y [T, directions, B, hidden] and the last states [directions, B, hidden].</summary>
internal abstract class RecurrentOperator(string name, int states) : Operator
{
    public override string Name => name;

    public override Arity Inputs => new(3, states == 2 ? 8 : 6);

    public override Arity Outputs => new(0, 1 + states);

    public override IReadOnlyList<int> WeightInputs => states == 2 ? [1, 2, 3, 7] : [1, 2, 3];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        for (var i = 0; i < 3; i++) context.RequireRank(i, 3, 3);
        var type = states == 2 ? context.SameType(0, 1, 2, 3, 5, 6, 7) : context.SameType(0, 1, 2, 3, 5);
        Graphs.Shape? all = null, last = null;
        if (context.Shape(0) is { } x && context.Shape(2) is { } recurrence)
        {
            var (directions, hidden) = (recurrence[0], recurrence[2]);
            var wanted = context.Attributes.Text("direction", "forward") == "bidirectional" ? 2 : 1;
            if (directions.Size is { } given && given != wanted) context.Fail($"has weights for {given} directions; {wanted} were expected");
            if (context.Shape(1) is { } w) context.Agree(w[2], x[2], "features of input and weights");
            if (context.Attributes.Int("layout") == 0) (all, last) = (new(x[0], directions, x[1], hidden), new(directions, x[1], hidden));
            else (all, last) = (new(x[0], x[1], directions, hidden), new(x[0], directions, hidden));
        }
        context.Output(0, type, all);
        for (var i = 1; i <= states; i++) context.Output(i, type, last);
    }
}
