using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Reads an image at positions in −1…1 (Jaderberg et al. 2015, arXiv:1506.02025): nearest, linear, or cubic over two axes.</summary>
internal sealed class GridSample : TorchOperator
{
    public override string Name => "GridSample";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, grid) = (node.Slot(0), node.Slot(1));
        var aligned = node.Attributes.Int("align_corners") != 0;
        var padding = node.Attributes.Text("padding_mode", "zeros");
        var mode = node.Attributes.Text("mode", "linear");   // bilinear and bicubic before opset 20
        if (mode is "cubic" or "bicubic") return TorchKernels.Scoped(frame => Cubic(frame[x], frame[grid], aligned, padding));
        var outside = padding switch
        {
            "zeros" => torch.GridSamplePaddingMode.Zeros,
            "border" => torch.GridSamplePaddingMode.Border,
            "reflection" => torch.GridSamplePaddingMode.Reflection,
            _ => throw new NotSupportedException($"padding_mode '{padding}' is not known"),
        };
        var kind = mode == "nearest" ? torch.GridSampleMode.Nearest : torch.GridSampleMode.Bilinear;
        return TorchKernels.One(frame => torch.nn.functional.grid_sample(frame[x], frame[grid], kind, outside, aligned));
    }

    private static torch.Tensor Cubic(torch.Tensor x, torch.Tensor grid, bool aligned, string padding)
    {
        if (x.dim() != 4) throw new NotSupportedException("cubic sampling is run over two axes");
        var (rows, channels, height, width) = (x.size(0), x.size(1), x.size(2), x.size(3));
        var flat = x.reshape(rows, channels, height * width);
        var (column, row) = (Position(grid.select(-1, 0), width, aligned), Position(grid.select(-1, 1), height, aligned));   // [B, H', W']
        var (left, top) = (column.floor(), row.floor());
        var (across, down) = (Weights(column.sub(left)), Weights(row.sub(top)));
        torch.Tensor? result = null;
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                var (r, c) = (top.Add(i - 1), left.Add(j - 1));
                var weight = down[i].mul(across[j]);
                if (padding == "zeros") weight = weight.mul(Inside(r, height).logical_and(Inside(c, width)).As(x.dtype));
                else if (padding == "reflection") (r, c) = (Reflected(r, height, aligned), Reflected(c, width, aligned));
                var place = r.Clamp(0, height - 1).As(torch.ScalarType.Int64).Mul(width).Add(c.Clamp(0, width - 1).As(torch.ScalarType.Int64));
                var read = flat.gather(2, place.reshape(rows, 1, -1).expand(rows, channels, -1)).reshape([rows, channels, .. place.shape[1..]]);
                var part = read.mul(weight.unsqueeze(1));
                result = result is null ? part : result.Add(part);
            }
        }
        return result!;
    }

    private static torch.Tensor Position(torch.Tensor grid, long size, bool aligned) => aligned ? grid.Add(1).Mul((size - 1) / 2.0) : grid.Add(1).Mul(size).Sub(1).Div(2);

    private static torch.Tensor Inside(torch.Tensor index, long size) => index.Ge(0).logical_and(index.Le(size - 1));

    private static torch.Tensor Reflected(torch.Tensor index, long size, bool aligned)
    {
        var (least, span) = aligned ? (0.0, size - 1.0) : (-0.5, size);
        if (span == 0) return torch.zeros_like(index);
        var distance = index.Sub(least).abs();
        var (rest, turns) = (distance.Fmod(span), distance.Div(span).floor());
        return torch.where(turns.Fmod(2).Eq(0), rest.Add(least), rest.neg().Add(span + least));
    }

    // Weights of the elements at −1, 0, 1 and 2 of Keys's kernel with a = −0.75.
    private static torch.Tensor[] Weights(torch.Tensor t)
    {
        const double a = -0.75;
        torch.Tensor Near(torch.Tensor d) => d.Mul(a + 2).Sub(a + 3).mul(d).mul(d).Add(1);
        torch.Tensor Far(torch.Tensor d) => d.Mul(a).Sub(5 * a).mul(d).Add(8 * a).mul(d).Sub(4 * a);
        var other = t.neg().Add(1);
        return [Far(t.Add(1)), Near(t), Near(other), Far(other.Add(1))];
    }
}
