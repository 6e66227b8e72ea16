using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// y = x·Wᵀ + b. In fp32 on a CPU the product of many rows runs as a 1 × 1 convolution, forward and backward: libtorch computes those with oneDNN's kernels for this
/// processor's vectors, its matrix products with MKL, whose kernels for processors of other makers use half of them (docs/log.md, 2026-11-24). A frozen weight that narrows x
/// is a matrix product in training all the same, because the convolution would keep the wide x for a gradient that nobody asks for.
/// </summary>
internal static class Linear
{
    private const int FewRows = 64, FewChannels = 32;   // below these a convolution's preparation costs more than it saves

    /// <summary>The kernel of a layer.</summary>
    /// <param name="x">Slot of x [..., in].</param>
    /// <param name="weight">Slot of W [out, in].</param>
    /// <param name="bias">Slot of b [out], or -1.</param>
    public static TorchKernel Kernel(int x, int weight, int bias) => TorchKernels.One(frame =>
    {
        using var input = frame.Compute(x);
        using var matrix = frame.Compute(weight);
        using var shift = frame.ComputeOptional(bias);
        return Compute(input.Value!, matrix.Value!, shift.Value);
    });

    /// <summary>The product.</summary>
    /// <param name="x">[..., in].</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    public static torch.Tensor Compute(torch.Tensor x, torch.Tensor weight, torch.Tensor? bias)
    {
        var shape = x.shape;
        var (outputs, inputs) = (weight.size(0), weight.size(1));
        var rows = 1L;
        for (var axis = 0; axis + 1 < shape.Length; axis++) rows *= shape[axis];
        if (rows < FewRows || Math.Min(inputs, outputs) < FewChannels || (inputs > outputs && torch.is_grad_enabled() && !weight.requires_grad) || x.dtype != torch.ScalarType.Float32 || weight.dtype != torch.ScalarType.Float32 || x.device_type != DeviceType.CPU) return torch.nn.functional.linear(x, weight, bias);
        using var flat = x.reshape(1, rows, 1, inputs);
        using var pixels = flat.permute(0, 3, 1, 2);                    // [1, in, R, 1], channels last in memory
        using var kernel = weight.view(outputs, inputs, 1, 1);
        using var product = torch.nn.functional.conv2d(pixels, kernel, bias);
        using var turned = product.permute(0, 2, 3, 1);                 // [1, R, 1, out]
        shape[^1] = outputs;
        return turned.reshape(shape);
    }
}
