using Attune.Weights;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>One weight of a compiled model: the leaf that the graph reads, and where its training memory lies.</summary>
internal sealed class TorchParameter(Weight weight, TrainableWeight? trainable, long offset, bool isChannelsLast)
{
    /// <summary>The stored entry that it started from.</summary>
    public Weight Weight { get; } = weight;

    /// <summary>How it trains; null when frozen.</summary>
    public TrainableWeight? Trainable { get; } = trainable;

    /// <summary>First element in the flat buffers; -1 when frozen.</summary>
    public long Offset { get; } = offset;

    /// <summary>True when a convolution kernel [O, I, h, w] lies in memory as [O, h, w, I], which libtorch's convolutions read faster.</summary>
    public bool IsChannelsLast { get; } = isChannelsLast;

    /// <summary>Number of elements.</summary>
    public long Count => Weight.Count;

    /// <summary>What the graph reads: a leaf that requires a gradient when it trains.</summary>
    public required torch.Tensor Value { get; init; }

    /// <summary>The gradient: a view of the flat buffer; null when frozen.</summary>
    public torch.Tensor? Gradient { get; init; }

    /// <summary>The part of a flat buffer that belongs to this weight, as the graph sees it: [sizes], strided where the memory is channels-last.</summary>
    public torch.Tensor View(torch.Tensor flat) => View(flat, Offset, Weight.Value.Sizes, IsChannelsLast);

    /// <summary>A stretch of a flat buffer as a tensor of the given sizes.</summary>
    public static torch.Tensor View(torch.Tensor flat, long offset, IReadOnlyList<long> sizes, bool channelsLast)
    {
        var strides = new long[sizes.Count];
        var step = 1L;
        // [O, I, h, w] in memory order O, h, w, I: the channel axis moves fastest.
        int[] order = channelsLast ? [1, .. Enumerable.Range(2, sizes.Count - 2).Reverse(), 0] : [.. Enumerable.Range(0, sizes.Count).Reverse()];
        foreach (var axis in order)
        {
            strides[axis] = step;
            step *= Math.Max(1, sizes[axis]);
        }
        return flat.as_strided([.. sizes], strides, offset);
    }
}
