namespace Attune.Graphs.Operators;

/// <summary>γ·(x − μ)/√(σ² + ε) + β with statistics per row and group of channels.</summary>
internal sealed class GroupNormalization : Operator
{
    public override string Name => "GroupNormalization";

    public override int Since => 18;

    public override Arity Inputs => new(3, 3);

    public override IReadOnlyList<int> WeightInputs => [1, 2];

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.RequireRank(0, 2);
        context.SameType(0, 1, 2);
        var groups = context.Attributes.Int("num_groups");
        if (groups < 1) context.Fail($"attribute 'num_groups' is {groups}");
        if (context.Shape(0) is { } shape && shape[1].Size is { } channels)
        {
            if (channels % groups != 0) context.Fail($"{channels} channels cannot be cut into {groups} groups");
            for (var i = 1; i <= 2; i++)
            {
                context.RequireRank(i, 1, 1);
                if (context.Shape(i) is { } weight && weight[0].Size is { } size && size != channels && size != groups)
                    context.Fail($"'{context.Node.Inputs[i]}' has {size} numbers for {channels} channels");
            }
        }
        context.Output(0, context.Type(0), context.Shape(0));
    }
}
