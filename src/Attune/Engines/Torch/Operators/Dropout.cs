using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// Zeroes an element when its number of the stream (seed, node, step, micro-step) lies below p and scales the others by 1/(1-p), as the dense engine does
/// (Srivastava et al. 2014); the input itself in evaluation.
/// </summary>
internal sealed class Dropout : TorchOperator
{
    public override string Name => "Dropout";

    public override bool IsPure => false;

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var name = node.RandomName;
        var wantsMask = node.Wants(1);
        var ratio = node.Has(1) ? node.Scalar(1) : 0.5;
        var probability = (float)(ratio ?? 0);
        var scale = probability < 1 ? 1 / (1 - probability) : 0;
        return frame =>
        {
            var value = frame[x];
            if (frame.IsRandom && ratio is null) throw new NotSupportedException("a ratio that depends on the data is not run in training");
            if (!frame.IsRandom || probability == 0) return [value.alias(), wantsMask ? torch.ones(value.shape, torch.ScalarType.Bool, frame.Device) : null];
            using var factors = frame.Keep(name, value.shape, probability, scale);
            using var typed = factors.to_type(value.dtype, false, false, false);
            return [value.mul(typed), wantsMask ? factors.Ne(0) : null];
        };
    }
}
