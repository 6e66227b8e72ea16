using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Shifts the bits of unsigned integers left or right.</summary>
internal sealed class BitShift : TorchOperator
{
    public override string Name => "BitShift";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b, type) = (node.Slot(0), node.Slot(1), node.Type(0));
        if (node.Attributes.Text("direction") == "LEFT")
        {
            return TorchKernels.One(frame =>
            {
                using var shifted = frame[a].bitwise_left_shift(frame[b]);
                return UnsignedWords.Wrap(shifted, type);
            });
        }
        if (type != DataType.UInt64) return TorchKernels.One(frame => frame[a].bitwise_right_shift(frame[b]));
        // int64 shifts its sign in: half the number first, without sign, then the rest.
        return TorchKernels.Scoped(frame =>
        {
            var amount = frame[b];
            var unsigned = frame[a].bitwise_right_shift(torch.ones_like(amount)).bitwise_and(torch.tensor(long.MaxValue, device: frame.Device));
            return torch.where(amount.Eq(0), frame[a], unsigned.bitwise_right_shift(amount.Sub(1).ClampMin(0)));
        });
    }
}
