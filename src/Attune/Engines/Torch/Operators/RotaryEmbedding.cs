using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Rotates pairs of features by angles that grow with the position (Su et al. 2021, arXiv:2104.09864); halves, or neighbours when interleaved.</summary>
internal sealed class RotaryEmbedding : TorchOperator
{
    public override string Name => "RotaryEmbedding";

    public override TorchKernel Compile(TorchNode node)
    {
        var (input, cosines, sines, positions) = (node.Slot(0), node.Slot(1), node.Slot(2), node.Slot(3));
        var interleaved = node.Attributes.Int("interleaved") != 0;
        var (heads, width) = (node.Attributes.Int("num_heads"), node.Attributes.Int("rotary_embedding_dim"));
        return TorchKernels.Scoped(frame =>
        {
            var whole = frame[input];
            var isFlat = whole.dim() == 3;
            var x = isFlat ? whole.reshape(whole.size(0), whole.size(1), heads, -1) : whole.transpose(1, 2);   // [B, T, N, D]
            var rotated = width == 0 ? x.size(3) : width;
            var (cos, sin) = (Angles(frame, cosines, positions, x), Angles(frame, sines, positions, x));       // [B, T, 1, D/2]
            var part = x.narrow(3, 0, rotated);
            var (a, b) = interleaved ? (part.slice(3, 0, rotated, 2), part.slice(3, 1, rotated, 2)) : (part.narrow(3, 0, rotated / 2), part.narrow(3, rotated / 2, rotated / 2));
            var (real, imaginary) = (a.mul(cos).sub(b.mul(sin)), a.mul(sin).Add(b.mul(cos)));
            var result = interleaved ? torch.stack([real, imaginary], -1).reshape(part.shape) : torch.cat([real, imaginary], 3);
            if (rotated < x.size(3)) result = torch.cat([result, x.narrow(3, rotated, x.size(3) - rotated)], 3);
            return isFlat ? result.reshape(whole.shape) : result.transpose(1, 2);
        });
    }

    private static torch.Tensor Angles(TorchFrame frame, int cache, int positions, torch.Tensor x)
    {
        var table = frame[cache].As(x.dtype);
        if (frame.Optional(positions) is not { } ids) return table.unsqueeze(2);
        using var flat = Indices.Positive(ids, table.size(0));
        return table.index_select(0, flat.reshape(-1)).reshape([.. ids.shape, -1]).unsqueeze(2);
    }
}
