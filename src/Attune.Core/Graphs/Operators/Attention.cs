namespace Attune.Graphs.Operators;

/// <summary>
/// softmax(scale·q·kᵀ + mask)·v: q [B, N, T, d], k and v [B, M, S, d] with N a multiple of M, or with three axes [B, T, N·d] and the heads as attributes.
/// Past keys and values are joined in front and come out again as present.
/// </summary>
internal sealed class Attention : Operator
{
    public override string Name => "Attention";

    public override int Since => 23;

    public override Arity Inputs => new(3, 6);

    public override Arity Outputs => new(1, 4);

    public override void Infer(InferenceContext context)
    {
        for (var i = 0; i < 3; i++)
        {
            context.Require(i, ElementKind.Floating);
            context.RequireRank(i, 3, 4);
        }
        context.SameType(0, 1);
        if (context.Shape(0) is not { } q || context.Shape(1) is not { } k || context.Shape(2) is not { } v)
        {
            for (var i = 0; i < context.Node.Outputs.Count; i++) context.Output(i, context.Type(i == 2 ? 2 : 0), null);
            return;
        }
        if (q.Rank != k.Rank || q.Rank != v.Rank) context.Fail($"query {q}, key {k} and value {v} have different ranks");
        var (query, key, value) = (Heads(context, q, "q_num_heads"), Heads(context, k, "kv_num_heads"), Heads(context, v, "kv_num_heads"));
        context.Agree(query[3], key[3], "width of a head in query and key");
        context.Agree(key[1], value[1], "heads of key and value");
        context.Agree(key[2], value[2], "tokens of key and value");
        context.Agree(query[0], key[0], "rows of query and key");
        if (query[1].Size is { } n && key[1].Size is { } m && (m == 0 || n % m != 0)) context.Fail($"{n} query heads are no multiple of {m} key heads");
        var total = context.Has(4) ? context.Shape(4) is { Rank: 4 } past && past[2].Size is { } before && key[2].Size is { } now ? before + now : default : key[2];
        context.Output(0, context.Type(0), q.Rank == 4
            ? new Graphs.Shape(query[0], query[1], query[2], value[3])
            : new Graphs.Shape(query[0], query[2], query[1].Size is { } heads && value[3].Size is { } width ? heads * width : default(Dimension)));
        context.Output(1, context.Type(0), new Graphs.Shape(key[0], key[1], total, key[3]));
        context.Output(2, context.Type(2), new Graphs.Shape(value[0], value[1], total, value[3]));
        context.Output(3, context.Type(0), new Graphs.Shape(query[0], query[1], query[2], total));
    }

    // The shape with heads as an axis of their own.
    private static Dimension[] Heads(InferenceContext context, Graphs.Shape shape, string attribute)
    {
        if (shape.Rank == 4) return [.. shape.Dimensions];
        var heads = context.Attributes.Int(attribute);
        if (heads < 1) context.Fail($"attribute '{attribute}' is needed for inputs of three axes");
        if (shape[2].Size is { } size && size % heads != 0) context.Fail($"{shape} cannot be cut into {heads} heads");
        return [shape[0], heads, shape[1], shape[2].Size is { } width ? width / heads : default(Dimension)];
    }
}
