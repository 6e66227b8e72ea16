namespace Attune.Graphs.Operators;

/// <summary>Moves blocks of space into channels: [B, C, H·n, W·n] → [B, C·n², H, W].</summary>
internal sealed class SpaceToDepth : Operator
{
    public override string Name => "SpaceToDepth";

    public override Arity Inputs => new(1, 1);

    public override void Infer(InferenceContext context)
    {
        var size = context.Attributes.Int("blocksize");
        if (size < 1) context.Fail($"attribute 'blocksize' is {size}");
        context.RequireRank(0, 4, 4);
        Graphs.Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            for (var i = 2; i < 4; i++)
            {
                if (shape[i].Size is { } length && length % size != 0) context.Fail($"axis {i} of {shape} cannot be cut into blocks of {size}");
            }
            result = new Graphs.Shape(shape[0], shape[1].Size is { } channels ? checked(channels * size * size) : default(Dimension), Part(shape[2]), Part(shape[3]));
        }
        context.Output(0, context.Type(0), result);

        Dimension Part(Dimension dimension) => dimension.Size is { } length ? length / size : default(Dimension);
    }
}
