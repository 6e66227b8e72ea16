using Attune.Graphs;

namespace Attune.Engines.Torch.Operators;

/// <summary>Attributes of a Resize node.</summary>
internal sealed class ResizeOptions(Attributes attributes)
{
    private readonly string _mode = attributes.Text("mode", "nearest");
    private readonly string _policy = attributes.Text("keep_aspect_ratio_policy", "stretch");
    private readonly long[]? _axes = attributes.Get<long[]>("axes");

    /// <summary>Where output positions lie in the input.</summary>
    public string Coordinates { get; } = attributes.Text("coordinate_transformation_mode", "half_pixel");

    /// <summary>How nearest rounds.</summary>
    public string Rounding { get; } = attributes.Text("nearest_mode", "round_prefer_floor");

    /// <summary>True when the filter is widened where the result is smaller.</summary>
    public bool IsAntialiased { get; } = attributes.Int("antialias") != 0;

    /// <summary>True when positions outside have no weight, instead of the edge's value.</summary>
    public bool ExcludesOutside { get; } = attributes.Int("exclude_outside") != 0;

    /// <summary>The cubic's parameter (Keys 1981): −0.75 is libtorch's and Pillow's is −0.5.</summary>
    public double CubicA { get; } = attributes.Float("cubic_coeff_a", -0.75f);

    /// <summary>Value outside the region of tf_crop_and_resize.</summary>
    public double Extrapolation { get; } = attributes.Float("extrapolation_value");

    /// <summary>True for nearest.</summary>
    public bool IsNearest => _mode == "nearest";

    /// <summary>True for cubic.</summary>
    public bool IsCubic => _mode == "cubic";

    /// <summary>True when a region is cut out.</summary>
    public bool Crops => Coordinates == "tf_crop_and_resize";

    /// <summary>True when the first and last elements keep their places.</summary>
    public bool AlignsCorners => Coordinates == "align_corners";

    /// <summary>True when whole factors repeat each element.</summary>
    public bool IsPlainNearest => Coordinates == "asymmetric" && Rounding == "floor" || Coordinates is "half_pixel" or "pytorch_half_pixel" && Rounding.StartsWith("round", StringComparison.Ordinal);

    /// <summary>True for what libtorch's bilinear interpolation computes.</summary>
    public bool IsPlainLinear => _mode == "linear" && !IsAntialiased && !ExcludesOutside && Coordinates is "half_pixel" or "pytorch_half_pixel" or "align_corners";

    /// <summary>The axes to resample.</summary>
    /// <param name="shape">Sizes of the input.</param>
    /// <param name="scales">Factors, or null.</param>
    /// <param name="sizes">Sizes of the output, or null.</param>
    /// <param name="region">All starts, then all ends, for tf_crop_and_resize.</param>
    public IReadOnlyList<ResizeAxis> Axes(long[] shape, double[]? scales, double[]? sizes, double[]? region)
    {
        int[] axes = [.. (_axes ?? [.. Enumerable.Range(0, shape.Length).Select(i => (long)i)]).Select(a => TorchNode.Axis(a, shape.Length))];
        double? common = sizes is null || _policy == "stretch" ? null
            : _policy == "not_larger" ? axes.Select((axis, i) => sizes[i] / shape[axis]).Min() : axes.Select((axis, i) => sizes[i] / shape[axis]).Max();
        var result = new List<ResizeAxis>();
        for (var i = 0; i < axes.Length; i++)
        {
            var length = shape[axes[i]];
            var scale = common ?? (sizes is null ? (scales ?? throw new NotSupportedException("neither scales nor sizes are given"))[i] : sizes[i] / length);
            var target = common is { } shared ? (long)Math.Floor(shared * length + 0.5) : sizes is null ? (long)Math.Floor(scale * length) : (long)sizes[i];
            result.Add(new ResizeAxis(axes[i], length, target, scale, sizes is null ? scale * length : target, Crops ? region![i] : 0, Crops ? region![axes.Length + i] : 1));
        }
        return result;
    }
}
