namespace Attune.Graphs.Operators;

/// <summary>Ones on the diagonal <c>k</c> of a matrix of the input's shape.</summary>
internal sealed class EyeLike : Operator
{
    public override string Name => "EyeLike";

    public override int Since => 9;

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        context.RequireRank(0, 2, 2);
        context.Output(0, context.Attributes.ContainsKey("dtype") ? (DataType)context.Attributes.Int("dtype") : context.Type(0), context.Shape(0));
    }
}
