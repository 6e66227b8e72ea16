namespace Attune.Graphs.Operators;

/// <summary>A loss of scores [B, C, …] for classes [B, …], with a weight for each class (input 2).</summary>
internal abstract class ClassLossOperator(string name) : Operator
{
    public override string Name => name;

    public override int Since => 12;

    public override Arity Inputs => new(2, 3);

    public override void Infer(InferenceContext context)
    {
        context.Require(0, ElementKind.Floating);
        context.Require(1, ElementKind.Index);
        context.RequireRank(0, 2);
        context.SameType(0, 2);
        var reduction = context.Attributes.Text("reduction", "mean");
        if (reduction is not ("mean" or "sum" or "none")) context.Fail($"reduction '{reduction}' is not known");
        context.Output(0, context.Type(0), reduction == "none" ? context.Shape(1) : Graphs.Shape.Of());
        context.Output(1, context.Type(0), context.Shape(0));
    }
}
