namespace Attune.Graphs.Operators;

/// <summary>Which shapes of scale and zero point fit a tensor, for QuantizeLinear and DequantizeLinear.</summary>
internal static class QuantizationShape
{
    /// <summary>Fails the node whose scale does not fit.</summary>
    public static void Check(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape || context.Shape(1) is not { } scale) return;
        if (context.Shape(2) is { } zero && zero.Rank != scale.Rank) context.Fail($"the scale has shape {scale}, the zero point {zero}");
        if (scale.Rank == 0 || (scale.Rank == 1 && scale[0].Size == 1)) return;
        var axis = context.Axis(context.Attributes.Int("axis", 1), shape.Rank);
        var block = context.Attributes.Int("block_size");
        if (block < 0) context.Fail($"block_size is {block}");
        if (block == 0)
        {
            if (scale.Rank != 1) context.Fail($"the scale has shape {scale}; one number, or one for each index of axis {axis} was expected");
            context.Agree(scale[0], shape[axis], $"axis {axis} and its scales");
            return;
        }
        if (scale.Rank != shape.Rank) context.Fail($"the scale {scale} of blocks has not the rank of {shape}");
        for (var i = 0; i < shape.Rank; i++)
        {
            if (i != axis) context.Agree(scale[i], shape[i], $"axis {i} and its scales");
            else if (scale[i].Size is { } blocks && shape[i].Size is { } size && (size + block - 1) / block != blocks) context.Fail($"axis {i} with {size} elements has {blocks} scales for blocks of {block}");
        }
    }
}
