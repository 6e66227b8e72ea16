namespace Attune.Models.Vision;

/// <summary>One block of a mobile network; a shortcut passes it where its stride is 1 and its channels stay.</summary>
/// <param name="Kind">Which convolutions follow each other.</param>
/// <param name="Kernel">Side of the spatial kernel.</param>
/// <param name="Stride">Step of the spatial kernel.</param>
/// <param name="Expanded">Channels inside.</param>
/// <param name="Width">Channels that come out.</param>
/// <param name="Squeeze">Channels between the layers of squeeze-and-excitation; 0 without.</param>
/// <param name="Activation"><c>relu</c>, <c>relu6</c>, <c>silu</c> or <c>hardswish</c>.</param>
public sealed record InvertedBlock(InvertedBlockKind Kind, int Kernel, int Stride, int Expanded, int Width, int Squeeze, string Activation)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Kind.ToString().ToLowerInvariant()} k{Kernel} s{Stride} {Expanded}>{Width}{(Squeeze > 0 ? $" se{Squeeze}" : "")} {Activation}");
}

/// <summary>Which convolutions an <see cref="InvertedBlock"/> has.</summary>
public enum InvertedBlockKind
{
    /// <summary>Depthwise, then 1×1.</summary>
    Separable,

    /// <summary>1×1 to more channels, depthwise, 1×1 to fewer (Sandler et al. 2018, arXiv:1801.04381).</summary>
    Inverted,

    /// <summary>Full k×k to more channels, 1×1 to fewer (EfficientNetV2).</summary>
    Fused,

    /// <summary>One full k×k convolution.</summary>
    Plain,
}
