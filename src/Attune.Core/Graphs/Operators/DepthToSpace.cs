namespace Attune.Graphs.Operators;

/// <summary>Moves channels into blocks of space: [B, C·n², H, W] → [B, C, H·n, W·n].</summary>
internal sealed class DepthToSpace : Operator
{
    public override string Name => "DepthToSpace";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        var size = context.Attributes.Int("blocksize");
        if (size < 1) context.Fail($"attribute 'blocksize' is {size}");
        context.RequireRank(0, 4, 4);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            if (shape[1].Size is { } all && all % checked(size * size) != 0) context.Fail($"{all} channels cannot be cut into blocks of {size} × {size}");
            result = new Graphs.Shape(shape[0], shape[1].Size is { } channels ? channels / (size * size) : default(Dimension), Times(shape[2]), Times(shape[3]));
        }
        context.Output(0, context.Type(0), result);

        Dimension Times(Dimension dimension) => dimension.Size is { } length ? checked(length * size) : default(Dimension);
    }
}
