namespace Attune.Losses;

/// <summary>Settings of the losses; each loss refuses those it does not use. Null takes the loss's own default.</summary>
public sealed record LossOptions
{
    /// <summary>Share ε in [0, 1) of the target spread evenly over the classes (Szegedy et al. 2016, arXiv:1512.00567, section 7). Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Weight of each class [K], cross-entropy (whose loss is divided by the sum of the weights of the targets) and focal. Default null: all 1.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Weight of the positive targets per output [width] or one for all, binary cross-entropy only. Default null: 1.</summary>
    public IReadOnlyList<float>? PositiveWeight { get; init; }

    /// <summary>Where Huber and smooth L1 turn from quadratic to linear, &gt; 0. Default null: 1.</summary>
    public double? Delta { get; init; }

    /// <summary>γ ≥ 0 of <see cref="FocalLoss"/>. Default null: 2.</summary>
    public double? FocalGamma { get; init; }

    /// <summary>α in [0, 1] of the sigmoid form of <see cref="FocalLoss"/>. Default null: no weighting.</summary>
    public double? FocalAlpha { get; init; }

    /// <summary>γ₊ ≥ 0 of <see cref="AsymmetricLoss"/>. Default null: 1.</summary>
    public double? GammaPositive { get; init; }

    /// <summary>γ₋ ≥ 0 of <see cref="AsymmetricLoss"/>. Default null: 4.</summary>
    public double? GammaNegative { get; init; }

    /// <summary>Probability that <see cref="AsymmetricLoss"/> forgives a negative, [0, 1). Default null: 0.05.</summary>
    public double? Clip { get; init; }

    /// <summary>τ in (0, 1) of <see cref="QuantileLoss"/>. Default null: 0.5.</summary>
    public double? Quantile { get; init; }

    /// <summary>p in (1, 2) of <see cref="TweedieLoss"/>. Default null: 1.5.</summary>
    public double? TweediePower { get; init; }

    /// <summary>Margin &gt; 0 of the contrastive and triplet losses. Default null: the loss's own.</summary>
    public double? Margin { get; init; }

    /// <summary>Factor &gt; 0 on similarities in multiple negatives ranking and CoSENT. Default null: 20.</summary>
    public double? Scale { get; init; }

    /// <summary>Temperature &gt; 0 of <see cref="SupervisedContrastive"/>. Default null: 0.07.</summary>
    public double? Temperature { get; init; }

    /// <summary>Base temperature &gt; 0 of <see cref="SupervisedContrastive"/>. Default null: the temperature.</summary>
    public double? BaseTemperature { get; init; }

    /// <summary>Rows per example of <see cref="SupervisedContrastive"/>, ≥ 1. Default null: 1.</summary>
    public int? Views { get; init; }

    /// <summary>Whether <see cref="SupervisedContrastive"/> divides rows by their length. Default null: true.</summary>
    public bool? Normalize { get; init; }

    /// <summary>Similarity of multiple negatives ranking. Default null: cosine.</summary>
    public Similarity? Similarity { get; init; }

    /// <summary>Hard negatives per example of multiple negatives ranking, ≥ 0. Default null: 0.</summary>
    public int? HardNegatives { get; init; }

    /// <summary>Both ways in multiple negatives ranking. Default null: false.</summary>
    public bool? Symmetric { get; init; }

    /// <summary>Distance of <see cref="TripletLoss"/>. Default null: Euclidean.</summary>
    public EmbeddingDistance? Distance { get; init; }

    /// <summary>Whether <see cref="TripletLoss"/> may take the positive for the anchor. Default null: false.</summary>
    public bool? Swap { get; init; }
}
