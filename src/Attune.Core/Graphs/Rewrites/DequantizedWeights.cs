namespace Attune.Graphs.Rewrites;

/// <summary>
/// fp32 forms of stored integers. One weight with one scale is one entry, however many nodes read it, so that its gradients add up; a file that
/// unfolds its integers over and over under different scales is refused.
/// </summary>
internal sealed class DequantizedWeights(GraphEdit edit)
{
    private const string Suffix = "_quantized";
    private const int MostTimes = 8;

    private readonly Dictionary<(string Values, string Scale, string? Zero, long Axis, long Block), string> _known = [];
    private readonly long _limit = (1 << 20) + MostTimes * edit.Weights.All.Sum(w => w.Count);
    private long _elements;

    /// <summary>Weights made so far.</summary>
    public int Count => _known.Count;

    /// <summary>Name of the fp32 weight for stored integers, "W" for "W_quantized"; null when the parts are computed or do not fit.</summary>
    /// <exception cref="NotSupportedException">The file's integers are used under too many scales.</exception>
    public string? Get(string values, string scale, string? zero, long axis, long block)
    {
        if (zero is { Length: 0 }) zero = null;
        if (_known.TryGetValue((values, scale, zero, axis, block), out var known)) return known;
        if (edit.Constant(values) is not { } stored || edit.Constant(scale) is not { } factor) return null;
        var offset = zero is null ? null : edit.Constant(zero);
        if (zero is not null && offset is null) return null;
        // some writers give one zero point 0 beside a scale for each channel
        if (offset is { Count: 1 } && factor.Count > 1 && QuantizedTensor.At(offset, 0) == 0) offset = null;
        if ((_elements += stored.Count) > _limit) throw new NotSupportedException($"The quantized weights are used under more than {MostTimes} different scales each ('{values}' is the first beyond that); the file is damaged.");
        return QuantizedTensor.Dequantize(stored, factor, offset, axis, block) is { } value ? Store(values, scale, zero, axis, block, value) : null;
    }

    /// <summary>Name of the fp32 bias for stored int32, whose scale is that of x times that of W.</summary>
    public string? Bias(string bias, string inputScale, string weightScale)
    {
        if (_known.TryGetValue((bias, weightScale, inputScale, 0, 0), out var known)) return known;
        if (edit.Constant(bias) is not { } stored || edit.Constant(inputScale) is not { Count: 1 } x || edit.Constant(weightScale) is not { } w || !x.Type.IsFloating() || !w.Type.IsFloating()) return null;
        if (stored.Type.IsFloating()) return bias;
        var scale = w.ToFloat().Data.Copy();
        foreach (ref var s in scale.Span<float>()) s *= x.ToFloat().Data.Span<float>()[0];
        return QuantizedTensor.Dequantize(stored, new Tensor(DataType.Float, w.Sizes, scale), null, 0, 0) is { } value ? Store(bias, weightScale, inputScale, 0, 0, value) : null;
    }

    private string Store(string values, string scale, string? zero, long axis, long block, Tensor value)
    {
        var hint = values.EndsWith(Suffix, StringComparison.Ordinal) && values.Length > Suffix.Length ? values[..^Suffix.Length] : $"{values}.float";
        return _known[(values, scale, zero, axis, block)] = edit.AddConstant(hint, value);
    }
}
