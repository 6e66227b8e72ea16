using Attune.Graphs;
using Attune.Randomness;

namespace Attune.Models;

/// <summary>How a fresh weight starts: all equal, normal with a deviation, or uniform within a bound.</summary>
internal readonly record struct Start(StartKind Kind, double Scale)
{
    public static Start Zero => new(StartKind.Constant, 0);

    public static Start One => new(StartKind.Constant, 1);

    public static Start Constant(double value) => new(StartKind.Constant, value);

    public static Start Normal(double deviation) => new(StartKind.Normal, deviation);

    public static Start Uniform(double bound) => new(StartKind.Uniform, bound);

    /// <summary>Normal with variance 2 / (out · kH · kW) (He et al. 2015, arXiv:1502.01852, fan-out), as torchvision starts its convolutions.</summary>
    public static Start HeFanOut(IReadOnlyList<long> sizes) => Normal(Math.Sqrt(2.0 / (sizes[0] * sizes.Skip(2).Aggregate(1L, (a, b) => a * b))));

    /// <summary>Normal with variance 2 / (in · kH · kW).</summary>
    public static Start HeFanIn(IReadOnlyList<long> sizes) => Normal(Math.Sqrt(2.0 / sizes.Skip(1).Aggregate(1L, (a, b) => a * b)));

    /// <summary>Uniform in ±1/√(in · kH · kW): PyTorch's own default for convolutions and linear layers.</summary>
    public static Start TorchDefault(IReadOnlyList<long> sizes) => Uniform(1 / Math.Sqrt(sizes.Skip(1).Aggregate(1L, (a, b) => a * b)));

    /// <summary>Uniform in ±√(6 / (in + out)) (Glorot and Bengio 2010).</summary>
    public static Start Glorot(IReadOnlyList<long> sizes) => Uniform(Math.Sqrt(6.0 / (sizes[0] + sizes[1])));

    /// <summary>The tensor, from the stream called <paramref name="name"/>.</summary>
    public Tensor Create(ulong seed, string name, long[] sizes)
    {
        var data = TensorBuffer.Allocate(DataType.Float.ByteLength(Tensor.Product(sizes)));
        var values = data.Span<float>();
        if (Kind == StartKind.Constant) values.Fill((float)Scale);
        else Draw(new Philox(seed, name), values);
        return new Tensor(DataType.Float, sizes, data);
    }

    // Four numbers a block: normal ones as two pairs by Box and Muller, four times as fast as one by one.
    private void Draw(Philox stream, Span<float> values)
    {
        Span<double> four = stackalloc double[4];
        for (var start = 0; start < values.Length; start += 4)
        {
            var (a, b, c, d) = stream.Block((ulong)start / 4);
            if (Kind == StartKind.Uniform) (four[0], four[1], four[2], four[3]) = (Signed(a), Signed(b), Signed(c), Signed(d));
            else
            {
                (four[0], four[1]) = Pair(a, b);
                (four[2], four[3]) = Pair(c, d);
            }
            for (var i = 0; i < Math.Min(4, values.Length - start); i++) values[start + i] = (float)(Scale * four[i]);
        }
    }

    private static (double, double) Pair(uint a, uint b)
    {
        var radius = Math.Sqrt(-2 * Math.Log((a + 1.0) / 4294967296.0));
        var (sine, cosine) = Math.SinCos(Math.Tau * (b / 4294967296.0));
        return (radius * cosine, radius * sine);
    }

    private static double Signed(uint bits) => (bits + 0.5) / 2147483648.0 - 1;
}

/// <summary>Kinds of <see cref="Start"/>.</summary>
internal enum StartKind
{
    /// <summary>All equal to the scale.</summary>
    Constant,

    /// <summary>Normal with the scale as deviation.</summary>
    Normal,

    /// <summary>Uniform within ± the scale.</summary>
    Uniform,
}
