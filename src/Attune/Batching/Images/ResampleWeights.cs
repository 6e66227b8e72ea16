using Attune.Encoding;

namespace Attune.Batching.Images;

/// <summary>
/// Weights of one axis of a resize: for each output position the first input position and fixed-point weights (22 bits behind the point), as Pillow's
/// resampler precomputes them (Resample.c), so that results are equal bit for bit. Each weight stands four times, once per byte of a pixel.
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>Bits behind the point.</summary>
    public const int Precision = 32 - 8 - 2;

    /// <summary>Taps per output position, a multiple of 4; those behind the last real one weigh 0.</summary>
    public int Taps { get; private set; }

    /// <summary>First input position of each output position.</summary>
    public int[] First { get; private set; } = [];

    /// <summary>Weights, [positions, Taps, 4].</summary>
    public int[] Lanes { get; private set; } = [];

    /// <summary>One weight per tap, [positions, Taps].</summary>
    public int[] Values { get; private set; } = [];

    /// <summary>Number of real taps of each output position.</summary>
    public int[] Counts { get; private set; } = [];

    private (int Input, int Output, int From, int Count, ImageInterpolation Filter) _key;

    /// <summary>Weights for output positions <paramref name="from"/> to from + count − 1 of an axis that is resized from <paramref name="input"/> to <paramref name="output"/>; those of the last call are kept.</summary>
    public void Prepare(int input, int output, int from, int count, ImageInterpolation filter)
    {
        var key = (input, output, from, count, filter);
        if (_key == key) return;
        _key = default;
        var scale = (double)input / output;
        var filterScale = Math.Max(scale, 1);
        var support = Support(filter) * filterScale;
        var size = (int)Math.Ceiling(support) * 2 + 1;
        Taps = (size + 3) & ~3;
        if (First.Length < count) (First, Counts) = (new int[count], new int[count]);
        if (Values.Length < count * Taps) (Values, Lanes) = (new int[count * Taps], new int[count * Taps * 4]);
        Span<double> k = size <= 256 ? stackalloc double[size] : new double[size];
        var reciprocal = 1.0 / filterScale;
        for (var i = 0; i < count; i++)
        {
            var center = (from + i + 0.5) * scale;
            var first = Math.Max((int)(center - support + 0.5), 0);
            var taps = Math.Min((int)(center + support + 0.5), input) - first;
            double sum = 0;
            for (var t = 0; t < taps; t++) sum += k[t] = Weight(filter, (t + first - center + 0.5) * reciprocal);
            (First[i], Counts[i]) = (first, taps);
            for (var t = 0; t < Taps; t++)
            {
                var weight = 0;
                if (t < taps)
                {
                    var w = sum == 0 ? k[t] : k[t] / sum;
                    weight = (int)(w < 0 ? -0.5 + w * (1 << Precision) : 0.5 + w * (1 << Precision));
                }
                Values[i * Taps + t] = weight;
                Lanes.AsSpan((i * Taps + t) * 4, 4).Fill(weight);
            }
        }
        _key = key;
    }

    private static double Support(ImageInterpolation filter) => filter switch
    {
        ImageInterpolation.Box => 0.5,
        ImageInterpolation.Bilinear => 1,
        ImageInterpolation.Bicubic => 2,
        ImageInterpolation.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "This filter has no weights."),
    };

    private static double Weight(ImageInterpolation filter, double x)
    {
        const double A = -0.5;
        switch (filter)
        {
            case ImageInterpolation.Box:
                return x is > -0.5 and <= 0.5 ? 1 : 0;
            case ImageInterpolation.Bilinear:
                x = Math.Abs(x);
                return x < 1 ? 1 - x : 0;
            case ImageInterpolation.Bicubic:
                x = Math.Abs(x);
                if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
                return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
            default:
                return x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0;
        }
    }

    private static double Sinc(double x)
    {
        if (x == 0) return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
