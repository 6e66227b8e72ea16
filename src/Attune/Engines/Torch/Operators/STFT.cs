using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Short-time Fourier transform: frames of a signal [B, L, 1 or 2], times a window, transformed: [B, frames, bins, 2].</summary>
internal sealed class STFT : TorchOperator
{
    public override string Name => "STFT";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, window) = (node.Slot(0), node.Slot(2));
        var (steps, lengths) = (node.IntegersAtRun(1)!, node.IntegersAtRun(3));
        var oneSided = node.Attributes.Int("onesided", 1) != 0;
        return TorchKernels.Scoped(frame =>
        {
            var value = frame[x];
            var shape = frame.Optional(window);
            var length = lengths?.Invoke(frame)[0] ?? shape?.numel() ?? throw new NotSupportedException("neither a window nor a frame length is given");
            var isComplex = value.dim() == 3 && value.size(-1) == 2;
            var signal = isComplex ? torch.view_as_complex(value.contiguous()) : value.dim() == 3 ? value.select(-1, 0) : value.alias();
            var frames = signal.unfold(1, length, steps(frame)[0]);   // [B, frames, length]
            if (shape is not null) frames = frames.mul(shape);
            var spectrum = torch.fft.fft_(frames);
            if (oneSided && !isComplex) spectrum = spectrum.narrow(-1, 0, length / 2 + 1);
            return torch.view_as_real(spectrum);
        });
    }
}
