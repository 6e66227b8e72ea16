namespace Attune.Losses;

/// <summary>Settings of the losses; each loss refuses those it does not use. Defaults are torch's.</summary>
public sealed record LossOptions
{
    /// <summary>Share ε in [0, 1) of the target spread evenly over the classes (Szegedy et al. 2016, arXiv:1512.00567, section 7). Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Weight of each class [K], cross-entropy only; the loss is divided by the sum of the weights of the targets. Default null: all 1.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Weight of the positive targets per output [width] or one for all, binary cross-entropy only. Default null: 1.</summary>
    public IReadOnlyList<float>? PositiveWeight { get; init; }

    /// <summary>Where Huber and smooth L1 turn from quadratic to linear, &gt; 0. Default null: 1.</summary>
    public double? Delta { get; init; }
}
