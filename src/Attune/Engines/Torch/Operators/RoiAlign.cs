using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Averages (or maxima) of bilinear reads in a grid over each region [x1, y1, x2, y2] (He et al. 2017, arXiv:1703.06870).</summary>
internal sealed class RoiAlign : TorchOperator
{
    public override string Name => "RoiAlign";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, regions) = (node.Slot(0), node.Slot(1));
        var rows = node.IntegersAtRun(2)!;
        var settings = new Grid(node.Attributes.Int("output_height", 1), node.Attributes.Int("output_width", 1), node.Attributes.Int("sampling_ratio"),
            node.Attributes.Float("spatial_scale", 1), node.Attributes.Text("coordinate_transformation_mode", "half_pixel") == "half_pixel", node.Attributes.Text("mode", "avg") == "max");
        return TorchKernels.Scoped(frame =>
        {
            var rois = frame[regions].As(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
            var batch = rows(frame);
            var results = new torch.Tensor[batch.Length];
            for (var r = 0; r < batch.Length; r++) results[r] = Pooled(frame[x].select(0, batch[r]), rois.AsSpan(4 * r, 4), settings);
            return results.Length > 0 ? torch.stack(results) : torch.zeros([0, frame[x].size(1), settings.Height, settings.Width], frame[x].dtype, frame[x].device);
        });
    }

    private sealed record Grid(long Height, long Width, long Samples, double Scale, bool IsHalfPixel, bool IsMax);

    // x [C, H, W]
    private static torch.Tensor Pooled(torch.Tensor x, ReadOnlySpan<double> region, Grid grid)
    {
        var shift = grid.IsHalfPixel ? 0.5 : 0;
        var (left, top) = (region[0] * grid.Scale - shift, region[1] * grid.Scale - shift);
        var (width, height) = (region[2] * grid.Scale - shift - left, region[3] * grid.Scale - shift - top);
        if (!grid.IsHalfPixel) (width, height) = (Math.Max(width, 1), Math.Max(height, 1));
        var (rows, columns) = (Samples(top, height, grid.Height, grid.Samples), Samples(left, width, grid.Width, grid.Samples));
        var (places, weights) = Reads(rows, columns, x.size(1), x.size(2), grid);
        if (places.Length == 0) return torch.zeros([x.size(0), grid.Height, grid.Width], x.dtype, x.device);
        var read = x.reshape(x.size(0), -1).index_select(1, TorchTensors.Integers(places).to(x.device)).mul(torch.tensor(weights, torch.ScalarType.Float64).to(x.dtype).to(x.device));
        var cells = read.reshape(x.size(0), grid.Height, grid.Width, -1);   // four reads a sample
        return grid.IsMax ? cells.amax([-1]) : cells.sum(-1).Div(cells.size(-1) / 4);
    }

    // Positions of the samples: [cells][samples].
    private static double[][] Samples(double start, double length, long cells, long count)
    {
        if (count <= 0) count = (long)Math.Ceiling(length / cells);
        var size = length / cells;
        return [.. Enumerable.Range(0, (int)cells).Select(c => Enumerable.Range(0, (int)Math.Max(0, count)).Select(s => start + c * size + (s + 0.5) * size / count).ToArray())];
    }

    private static (long[] Places, double[] Weights) Reads(double[][] rows, double[][] columns, long height, long width, Grid grid)
    {
        var (places, weights) = (new List<long>(), new List<double>());
        for (var i = 0; i < grid.Height; i++)
        {
            for (var j = 0; j < grid.Width; j++)
            {
                foreach (var y in rows[i])
                {
                    foreach (var x in columns[j]) AddRead(places, weights, y, x, height, width);
                }
            }
        }
        return ([.. places], [.. weights]);
    }

    private static void AddRead(List<long> places, List<double> weights, double y, double x, long height, long width)
    {
        if (y < -1 || y > height || x < -1 || x > width)
        {
            places.AddRange([0, 0, 0, 0]);
            weights.AddRange([0, 0, 0, 0]);
            return;
        }
        var (top, down) = Neighbour(Math.Max(y, 0), height);
        var (left, right) = Neighbour(Math.Max(x, 0), width);
        var (bottom, end) = (Math.Min(top + 1, height - 1), Math.Min(left + 1, width - 1));
        places.AddRange([top * width + left, top * width + end, bottom * width + left, bottom * width + end]);
        weights.AddRange([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]);
    }

    private static (long Low, double Beyond) Neighbour(double position, long size) => (long)position >= size - 1 ? (size - 1, 0) : ((long)position, position - (long)position);
}
