namespace Attune.Graphs.Operators;

/// <summary>Slices of data at index tuples [..., k]; the first <c>batch_dims</c> axes are shared.</summary>
internal sealed class GatherND : Operator
{
    public override string Name => "GatherND";

    public override int Since => 11;

    public override Arity Inputs => new(2, 2);

    public override void Infer(InferenceContext context)
    {
        context.Require(1, ElementKind.Index);
        context.RequireRank(0, 1);
        context.RequireRank(1, 1);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } data && context.Shape(1) is { } indices && indices[-1].Size is { } depth)
        {
            var batch = context.Attributes.Int("batch_dims");
            if (batch < 0 || batch >= indices.Rank || depth < 1 || checked(batch + depth) > data.Rank) context.Fail($"tuples of {depth} after {batch} shared axes do not fit {data}");
            result = new Graphs.Shape([.. indices.Dimensions.SkipLast(1), .. data.Dimensions.Skip((int)(batch + depth))]);
        }
        context.Output(0, context.Type(0), result);
    }
}
