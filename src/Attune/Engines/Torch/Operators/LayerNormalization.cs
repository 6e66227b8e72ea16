using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// γ·(x − μ)/√(σ² + ε) + β over the axes from <c>axis</c> on (Ba et al. 2016, arXiv:1607.06450); one libtorch call when γ and β have the shape of those axes.
/// </summary>
internal sealed class LayerNormalization : TorchOperator
{
    public override string Name => "LayerNormalization";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, scale, bias) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var axis = node.Attributes.Int("axis", -1);
        var epsilon = node.Attributes.Float("epsilon", 1e-5f);
        var wantsStatistics = node.Wants(1) || node.Wants(2);
        return frame =>
        {
            var value = frame[x];
            var shape = value.shape[TorchNode.Axis(axis, (int)value.dim())..];
            var y = Normalised(value, shape, frame[scale], frame.Optional(bias), epsilon);
            if (!wantsStatistics) return [y];
            var (mean, deviation) = Statistics(value, shape.Length, epsilon);
            return [y, mean, deviation];
        };
    }

    private static torch.Tensor Normalised(torch.Tensor x, long[] shape, torch.Tensor scale, torch.Tensor? bias, double epsilon)
    {
        if (scale.shape.AsSpan().SequenceEqual(shape) && (bias is null || bias.shape.AsSpan().SequenceEqual(shape)))
        {
            if (scale.dtype == x.dtype) return torch.nn.functional.layer_norm(x, shape, scale, bias, epsilon);
            using var typed = scale.As(x.dtype);
            using var shift = bias?.As(x.dtype);
            return torch.nn.functional.layer_norm(x, shape, typed, shift, epsilon);
        }
        using var plain = torch.nn.functional.layer_norm(x, shape, null, null, epsilon);
        var scaled = plain.mul(scale);
        if (bias is null) return scaled;
        using (scaled) return scaled.Add(bias);
    }

    private static (torch.Tensor Mean, torch.Tensor Deviation) Statistics(torch.Tensor x, int axes, double epsilon)
    {
        using var wide = x.As(torch.ScalarType.Float32);
        long[] over = [.. Enumerable.Range(1, axes).Select(i => -(long)i)];
        var mean = wide.mean(over, keepdim: true);
        using var centred = wide.sub(mean);
        using var squares = centred.Square();
        using var variance = squares.mean(over, keepdim: true);
        using var shifted = variance.Add(epsilon);
        return (mean, shifted.rsqrt());
    }
}
