namespace Attune.Graphs.Operators;

/// <summary>Runs one of two subgraphs, which see the values around them.</summary>
internal sealed class If : Operator
{
    public override string Name => "If";

    public override Arity Inputs => new(1, 1);

    public override Arity Outputs => Arity.AtLeast(1);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Boolean);
        if (context.Attributes.Get<Graph>("then_branch") is not { } then || context.Attributes.Get<Graph>("else_branch") is not { } otherwise)
        {
            context.Fail("then_branch or else_branch is missing");
            return;
        }
        if (then.Outputs.Count != context.Node.Outputs.Count || otherwise.Outputs.Count != context.Node.Outputs.Count)
            context.Fail($"has {context.Node.Outputs.Count} outputs; its branches have {then.Outputs.Count} and {otherwise.Outputs.Count}");
        var (first, second) = (context.Body(then), context.Body(otherwise));
        for (var i = 0; i < first.Count; i++)
        {
            if (first[i].Type != second[i].Type && first[i].Type != DataType.Undefined && second[i].Type != DataType.Undefined)
                context.Fail($"the branches give {first[i].Type} and {second[i].Type} for '{context.Node.Outputs[i]}'");
            context.Output(i, first[i].Type, Common(first[i].Shape, second[i].Shape));
        }
    }

    private static Graphs.Shape? Common(Graphs.Shape? a, Graphs.Shape? b)
        => a is null || b is null || a.Rank != b.Rank ? null : new Graphs.Shape([.. a.Dimensions.Zip(b.Dimensions, (x, y) => x == y ? x : default)]);
}
