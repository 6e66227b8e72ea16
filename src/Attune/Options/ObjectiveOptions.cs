using Attune.Losses;

namespace Attune.Options;

/// <summary>What is minimised.</summary>
public sealed record ObjectiveOptions
{
    /// <summary>Loss by name (see <c>attune list losses</c>). Default: binary-cross-entropy for two classes and for labels, cross-entropy for more, mse for regression.</summary>
    public string? Loss { get; init; }

    /// <summary>Share of each target spread evenly over the classes, in [0, 1). Default 0 (Szegedy et al. 2016, arXiv:1512.00567, use 0.1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary><c>none</c>, or <c>balanced</c>: each class weighs rows / (classes × its rows), as scikit-learn's; of several labels, rows that have one weigh rows without / rows with it. Default none.</summary>
    public string ClassWeights { get; init; } = "none";

    /// <summary>Where huber and smooth-l1 turn from quadratic to linear, in standard deviations of the target. Default 1 (torch).</summary>
    public double? Delta { get; init; }

    /// <summary>Strength α of α/2·‖w − w₀‖² towards the earlier model's weights (L2-SP, Li et al. 2018, arXiv:1802.01483). Default 0.</summary>
    public double L2Sp { get; init; }

    internal void Validate(Problems problems, bool earlierModel)
    {
        problems.OneOf(LossCatalog.Names, Loss, "objective.loss");
        problems.InRange(0, 1, LabelSmoothing, "objective.label-smoothing");
        problems.OneOf(["none", "balanced"], ClassWeights, "objective.class-weights");
        problems.Positive(Delta, "objective.delta");
        problems.AtLeast(0, L2Sp, "objective.l2-sp");
        if (L2Sp > 0 && !earlierModel) problems.Add("objective.l2-sp", "needs an earlier model (--model RUN), towards whose weights it pulls.");
    }
}
