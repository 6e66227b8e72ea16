namespace Attune.Options;

/// <summary>What trains when an earlier model is fine-tuned.</summary>
public sealed record MethodOptions
{
    /// <summary><c>full</c>: every layer trains. <c>head</c>: only the last layer. Default full.</summary>
    public string Name { get; init; } = "full";

    /// <summary>Number of layers, counted from the input, that stay frozen byte for byte. Default 0.</summary>
    public int FreezeLayers { get; init; }

    /// <summary>Each layer's rate is this factor times the rate of the layer above it, in (0, 1]. Default 1 (Howard and Ruder 2018, arXiv:1801.06146, use 1/2.6).</summary>
    public double LayerRateDecay { get; init; } = 1;

    internal void Validate(Problems problems, bool earlierModel)
    {
        problems.OneOf(["full", "head"], Name, "method.name");
        problems.AtLeast(0, FreezeLayers, "method.freeze-layers");
        if (!(LayerRateDecay is > 0 and <= 1)) problems.Add("method.layer-rate-decay", FormattableString.Invariant($"has to be greater than 0 and at most 1; got {LayerRateDecay}."));
        if (Name == "head" && FreezeLayers > 0) problems.Add("method.freeze-layers", "contradicts method.name=head, which freezes all layers but the last. Remove one of the two.");
        if (earlierModel) return;
        if (Name == "head") problems.Add("method.name", "head needs an earlier model (--model RUN): a new network's frozen layers would stay random.");
        if (FreezeLayers > 0) problems.Add("method.freeze-layers", "needs an earlier model (--model RUN): a new network's frozen layers would stay random.");
    }
}
