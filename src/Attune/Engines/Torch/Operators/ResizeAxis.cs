namespace Attune.Engines.Torch.Operators;

/// <summary>One axis that Resize resamples.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="In">Its size.</param>
/// <param name="Out">Its new size.</param>
/// <param name="Scale">Factor by which coordinates are divided.</param>
/// <param name="Length">Exact new length: Scale · In when factors were given.</param>
/// <param name="Start">Start of the region, as a share of the axis.</param>
/// <param name="End">End of the region.</param>
internal sealed record ResizeAxis(int Axis, long In, long Out, double Scale, double Length, double Start, double End)
{
    /// <summary>True when nothing changes.</summary>
    public bool IsSame => In == Out && Scale == 1;

    /// <summary>True when the factor is the quotient of the sizes.</summary>
    public bool IsExact => Math.Abs(Scale * In - Out) < 1e-6 * Out;

    /// <summary>True when each element is repeated a whole number of times.</summary>
    public bool IsWholeFactor => IsExact && Out % In == 0;

    /// <summary>For each output element the input element.</summary>
    public long[] Nearest(ResizeOptions options)
    {
        var result = new long[Out];
        for (var i = 0; i < result.Length; i++)
        {
            var x = Position(i, options.Coordinates);
            var nearest = options.Rounding switch
            {
                "floor" => Math.Floor(x),
                "ceil" => Math.Ceiling(x),
                "round_prefer_ceil" => Math.Floor(x + 0.5),
                _ => Math.Ceiling(x - 0.5),
            };
            result[i] = Math.Clamp((long)nearest, 0, In - 1);
        }
        return result;
    }

    /// <summary>The matrix [Out, In] of linear or cubic interpolation, row-major.</summary>
    public double[] Weights(ResizeOptions options)
    {
        var matrix = new double[Out * In];
        var narrowing = options.IsAntialiased ? Math.Min(Scale, 1) : 1;
        var reach = options.IsCubic ? 2 : 1;
        var first = (long)Math.Floor(-reach / narrowing) + 1;
        for (long row = 0; row < Out; row++)
        {
            var x = Position(row, options.Coordinates);
            var left = (long)Math.Ceiling(x) - 1;   // x lies in (left, left + 1]
            var taps = new double[2 - 2 * first];
            for (var k = 0; k < taps.Length; k++) taps[k] = Kernel((first + k - (x - left)) * narrowing, options);
            var isOutside = (long i) => left + first + i < 0 || left + first + i >= In;
            var total = 0.0;
            for (var k = 0; k < taps.Length; k++) total += options.ExcludesOutside && isOutside(k) ? 0 : taps[k];
            var divisor = options.IsAntialiased || options.ExcludesOutside ? total : 1;
            for (var k = 0; k < taps.Length; k++)
            {
                if (options.ExcludesOutside && isOutside(k)) continue;
                matrix[row * In + Math.Clamp(left + first + k, 0, In - 1)] += taps[k] / divisor;
            }
        }
        return matrix;
    }

    /// <summary>Which output elements lie outside the input; null unless a region is cut out.</summary>
    public bool[]? Outside(ResizeOptions options)
    {
        if (!options.Crops) return null;
        var result = new bool[Out];
        for (var i = 0; i < result.Length; i++) result[i] = Position(i, options.Coordinates) is var x && (x < 0 || x > In - 1);
        return result;
    }

    private static double Kernel(double x, ResizeOptions options)
    {
        x = Math.Abs(x);
        if (!options.IsCubic) return Math.Max(0, 1 - x);
        var a = options.CubicA;
        return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }

    private double Position(long i, string coordinates) => coordinates switch
    {
        "asymmetric" => i / Scale,
        "align_corners" => Out == 1 ? 0 : i * (In - 1) / (Length - 1),
        "pytorch_half_pixel" => Out > 1 ? (i + 0.5) / Scale - 0.5 : 0,
        "half_pixel_symmetric" => In / 2.0 * (1 - Out / Length) + (i + 0.5) / Scale - 0.5,
        "tf_half_pixel_for_nn" => (i + 0.5) / Scale,
        "tf_crop_and_resize" => Out > 1 ? Start * (In - 1) + i * (End - Start) * (In - 1) / (Out - 1) : 0.5 * (Start + End) * (In - 1),
        _ => (i + 0.5) / Scale - 0.5,
    };
}
