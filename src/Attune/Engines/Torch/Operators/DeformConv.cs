using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Convolution over two axes that reads at learned offsets (Dai et al. 2017, arXiv:1703.06211), with learned weights of the reads (Zhu et al. 2018, arXiv:1811.11168).</summary>
internal sealed class DeformConv : TorchOperator
{
    public override string Name => "DeformConv";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, w, offset, b, mask) = (node.Slot(0), node.Slot(1), node.Slot(2), node.Slot(3), node.Slot(4));
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? node.Shape(1)?[2..] ?? throw new NotSupportedException("the kernel's sizes are not known");
        if (kernel.Length != 2) throw new NotSupportedException($"offsets over {kernel.Length} axes are not run; 2 are");
        var window = new SlidingWindow(node, kernel);
        var (group, offsetGroup) = (node.Attributes.Int("group", 1), node.Attributes.Int("offset_group", 1));
        return TorchKernels.Scoped(frame =>
        {
            var (value, weight) = (frame[x], frame[w]);
            var columns = Columns(value, frame[offset], frame.Optional(mask), window, offsetGroup);   // [B, C, K, P]
            var (rows, places) = (value.size(0), columns.size(3));
            columns = columns.reshape(rows, group, -1, places);                                        // [B, G, C/G·K, P]
            var kernels = weight.reshape(group, weight.size(0) / group, -1);                           // [G, out/G, C/G·K]
            var result = kernels.matmul(columns).reshape(rows, weight.size(0), frame[offset].size(2), frame[offset].size(3));
            return frame.Optional(b) is { } bias ? result.Add(bias.reshape(1, -1, 1, 1)) : result;
        });
    }

    private static torch.Tensor Columns(torch.Tensor x, torch.Tensor offset, torch.Tensor? mask, SlidingWindow window, long groups)
    {
        var (height, width) = (offset.size(2), offset.size(3));
        var elements = window.Kernel[0] * window.Kernel[1];
        var offsets = offset.reshape(x.size(0), groups, elements, 2, height, width);
        var masks = mask?.reshape(x.size(0), groups, 1, elements, height, width);
        var channels = x.size(1) / groups;
        var rowBase = TorchArithmetic.Arange(height, x.dtype, x.device).Mul(window.Strides[0]).Sub(window.Before[0]).reshape(1, -1, 1);
        var columnBase = TorchArithmetic.Arange(width, x.dtype, x.device).Mul(window.Strides[1]).Sub(window.Before[1]).reshape(1, 1, -1);
        var parts = new List<torch.Tensor>();
        for (var g = 0L; g < groups; g++)
        {
            var source = x.narrow(1, g * channels, channels);
            var reads = new List<torch.Tensor>();
            for (var k = 0L; k < elements; k++)
            {
                var shift = offsets.select(1, g).select(1, k);                                         // [B, 2, H, W]
                var row = shift.select(1, 0).Add(rowBase).Add(k / window.Kernel[1] * window.Dilations[0]);
                var column = shift.select(1, 1).Add(columnBase).Add(k % window.Kernel[1] * window.Dilations[1]);
                var grid = torch.stack([column.Mul(2).Add(1).Div(x.size(3)).Sub(1), row.Mul(2).Add(1).Div(x.size(2)).Sub(1)], -1);
                reads.Add(torch.nn.functional.grid_sample(source, grid, torch.GridSampleMode.Bilinear, torch.GridSamplePaddingMode.Zeros, false));
            }
            var read = torch.stack(reads, 2);                                                          // [B, C/g, K, H, W]
            parts.Add(masks is null ? read : read.mul(masks.select(1, g)));
        }
        return torch.cat(parts, 1).reshape(x.size(0), x.size(1), elements, height * width);
    }
}
