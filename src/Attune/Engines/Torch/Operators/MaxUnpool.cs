using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Puts each value back to the index that MaxPool gave; the rest is 0.</summary>
internal sealed class MaxUnpool : TorchOperator
{
    public override string Name => "MaxUnpool";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, ids) = (node.Slot(0), node.Slot(1));
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? throw new NotSupportedException("attribute 'kernel_shape' is missing");
        var window = new SlidingWindow(node, kernel);
        var target = node.IntegersAtRun(2);
        return TorchKernels.Scoped(frame =>
        {
            var value = frame[x];
            var inferred = value.shape;
            for (var i = 0; i < kernel.Length; i++) inferred[i + 2] = (inferred[i + 2] - 1) * window.Strides[i] + kernel[i] - window.Before[i] - window.After[i];
            var flat = torch.zeros([inferred.Aggregate(1L, (a, b) => a * b)], value.dtype, value.device);
            var result = flat.scatter(0, frame[ids].As(torch.ScalarType.Int64).reshape(-1), value.reshape(-1)).reshape(inferred);
            if (target?.Invoke(frame) is not { } sizes || sizes.AsSpan().SequenceEqual(inferred)) return result;
            var pads = new long[2 * kernel.Length];   // the last axis first
            for (var i = 0; i < kernel.Length; i++) pads[2 * i + 1] = sizes[^(i + 1)] - inferred[^(i + 1)];
            return torch.nn.functional.pad(result, pads);
        });
    }
}
