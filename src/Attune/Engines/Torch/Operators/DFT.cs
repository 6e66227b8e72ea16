using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Discrete Fourier transform along an axis; the last axis holds real (size 1) or complex numbers (size 2).</summary>
internal sealed class DFT : TorchOperator
{
    public override string Name => "DFT";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var (lengths, axes) = (node.IntegersAtRun(1), node.IntegersAtRun(2));
        var (inverse, oneSided) = (node.Attributes.Int("inverse") != 0, node.Attributes.Int("onesided") != 0);
        var fallback = node.Attributes.Int("axis", -2);   // an attribute before opset 20
        if (inverse && oneSided) throw new NotSupportedException("an inverse transform of one side is not run");
        return TorchKernels.Scoped(frame =>
        {
            var value = frame[x];
            var axis = TorchNode.Axis(axes?.Invoke(frame)[0] ?? fallback, (int)value.dim());
            var signal = value.size(-1) == 2 ? torch.view_as_complex(value.contiguous()) : value.select(-1, 0);
            var count = lengths?.Invoke(frame)[0] ?? signal.size(axis);
            var spectrum = inverse ? torch.fft.ifft(signal, count, axis) : torch.fft.fft_(signal, count, axis);
            if (oneSided) spectrum = spectrum.narrow(axis, 0, count / 2 + 1);
            return torch.view_as_real(spectrum);
        });
    }
}
