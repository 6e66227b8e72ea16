using Attune.Graphs;
using Attune.Randomness;

namespace Attune.Models.Vision;

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
        else
        {
            var stream = new Philox(seed, name);
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(Scale * (Kind == StartKind.Normal ? stream.Normal((ulong)i) : 2.0 * stream.Uniform((ulong)i) - 1));
        }
        return new Tensor(DataType.Float, sizes, data);
    }
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
