using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>The greatest values of a grid over each region [row, x1, y1, x2, y2] (Girshick 2015, arXiv:1504.08083).</summary>
internal sealed class MaxRoiPool : TorchOperator
{
    public override string Name => "MaxRoiPool";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, regions) = (node.Slot(0), node.Slot(1));
        var grid = node.Attributes.Get<long[]>("pooled_shape") ?? throw new NotSupportedException("attribute 'pooled_shape' is missing");
        var scale = node.Attributes.Float("spatial_scale", 1);
        return TorchKernels.Scoped(frame =>
        {
            var rois = frame[regions].As(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
            var results = new List<torch.Tensor>();
            for (var r = 0; r < rois.Length; r += 5) results.Add(Pooled(frame[x].select(0, (long)rois[r]), rois.AsSpan(r + 1, 4), grid, scale));
            return torch.stack(results);
        });
    }

    // x [C, H, W]
    private static torch.Tensor Pooled(torch.Tensor x, ReadOnlySpan<double> region, long[] grid, double scale)
    {
        var (left, top) = (Math.Round(region[0] * scale, MidpointRounding.AwayFromZero), Math.Round(region[1] * scale, MidpointRounding.AwayFromZero));
        var (right, bottom) = (Math.Round(region[2] * scale, MidpointRounding.AwayFromZero), Math.Round(region[3] * scale, MidpointRounding.AwayFromZero));
        var (height, width) = (Math.Max(bottom - top + 1, 1) / grid[0], Math.Max(right - left + 1, 1) / grid[1]);
        var cells = new List<torch.Tensor>();
        for (var i = 0; i < grid[0]; i++)
        {
            for (var j = 0; j < grid[1]; j++)
            {
                var (y0, y1) = (Math.Clamp((long)(Math.Floor(i * height) + top), 0, x.size(1)), Math.Clamp((long)(Math.Ceiling((i + 1) * height) + top), 0, x.size(1)));
                var (x0, x1) = (Math.Clamp((long)(Math.Floor(j * width) + left), 0, x.size(2)), Math.Clamp((long)(Math.Ceiling((j + 1) * width) + left), 0, x.size(2)));
                cells.Add(y1 <= y0 || x1 <= x0 ? torch.zeros([x.size(0)], x.dtype, x.device) : x.narrow(1, y0, y1 - y0).narrow(2, x0, x1 - x0).amax([1, 2]));
            }
        }
        return torch.stack(cells, 1).reshape(x.size(0), grid[0], grid[1]);
    }
}
