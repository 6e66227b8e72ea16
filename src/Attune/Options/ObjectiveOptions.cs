using System.Globalization;
using Attune.Losses;

namespace Attune.Options;

/// <summary>What is minimised.</summary>
public sealed record ObjectiveOptions
{
    /// <summary>Loss by name (see <c>attune list losses</c>). Default: binary-cross-entropy for two classes and for labels, cross-entropy for more, mse for regression; of embeddings multiple-negatives-ranking, cosent with scores.</summary>
    public string? Loss { get; init; }

    /// <summary>Share of each target spread evenly over the classes, in [0, 1). Default 0 (Szegedy et al. 2016, arXiv:1512.00567, use 0.1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// <c>none</c>; <c>balanced</c>: each class weighs rows / (classes × its rows), as scikit-learn's, and of several labels, rows that have one weigh rows without / rows with it;
    /// or weights by name, <c>red=2,blue=0.5</c>: classes that are not named weigh 1, and of a label its positives. Default none.
    /// </summary>
    public string ClassWeights { get; init; } = "none";

    /// <summary>Where huber and smooth-l1 turn from quadratic to linear, in standard deviations of the target. Default 1 (torch).</summary>
    public double? Delta { get; init; }

    /// <summary>γ of the focal loss, at least 0: how fast right rows fade. Default 2 (Lin et al. 2017, arXiv:1708.02002).</summary>
    public double? FocalGamma { get; init; }

    /// <summary>Weight of positives in the focal loss over two classes or labels, in [0, 1]; negatives weigh the rest. Default: both weigh 1 (Lin et al. 2017 use 0.25).</summary>
    public double? FocalAlpha { get; init; }

    /// <summary>γ of positives in the asymmetric loss, at least 0. Default 1.</summary>
    public double? GammaPositive { get; init; }

    /// <summary>γ of negatives in the asymmetric loss, at least 0. Default 4 (Ben-Baruch et al. 2021, arXiv:2009.14119).</summary>
    public double? GammaNegative { get; init; }

    /// <summary>Probability up to which the asymmetric loss forgives a negative, in [0, 1). Default 0.05 (the same).</summary>
    public double? Clip { get; init; }

    /// <summary>The quantile that loss quantile predicts, in (0, 1). Default 0.5, the median.</summary>
    public double? Quantile { get; init; }

    /// <summary>Power of the Tweedie loss, in (1, 2): nearer to 1 like counts, nearer to 2 like positive amounts. Default 1.5.</summary>
    public double? TweediePower { get; init; }

    /// <summary>Factor on cosines in multiple-negatives-ranking and cosent, the inverse of a temperature, greater than 0. Default 20 (sentence-transformers).</summary>
    public double? Scale { get; init; }

    /// <summary>Margin of contrastive and triplet, greater than 0. Default 0.5 of cosine distances, 5 of Euclidean ones (sentence-transformers).</summary>
    public double? Margin { get; init; }

    /// <summary>Run or model folder of a teacher with the same target, whose outputs on the training rows are learned too (Hinton et al. 2015, arXiv:1503.02531). Its columns have to be in the data. Default none.</summary>
    public string? Teacher { get; init; }

    /// <summary>Temperature that softens the teacher's and the student's probabilities, greater than 0. Default 2.</summary>
    public double? DistillationTemperature { get; init; }

    /// <summary>Weight of the labels beside the teacher, in [0, 1]; 0 learns from the teacher alone. Default 0.5.</summary>
    public double? DistillationWeight { get; init; }

    /// <summary>α of R-Drop: two passes of each row with other dropout should agree (Wu et al. 2021, arXiv:2106.14448, use 0.5 to 5). Twice the time. Needs dropout. Default 0.</summary>
    public double RDrop { get; init; }

    /// <summary>β of the confidence penalty: rewards the entropy of the outputs (Pereyra et al. 2017, arXiv:1701.06548, use 0.1 to 4). Classification only. Default 0.</summary>
    public double ConfidencePenalty { get; init; }

    /// <summary>ε of an adversarial second pass with embedding tables moved along their gradient (FGM; Miyato et al. 2017, arXiv:1605.07725); 1 is usual for text. Twice the time. Default 0.</summary>
    public double FgmEpsilon { get; init; }

    /// <summary>α of NEFTune: uniform noise in ±α/√(T·D) on embeddings while training (Jain et al. 2023, arXiv:2310.05914, use 5 to 15). Default 0.</summary>
    public double NeftuneAlpha { get; init; }

    /// <summary>Strength α of α/2·‖w − w₀‖² towards the earlier model's weights (L2-SP, Li et al. 2018, arXiv:1802.01483). Default 0.</summary>
    public double L2Sp { get; init; }

    /// <summary>Weights by class name; null where <see cref="ClassWeights"/> is a word, or cannot be read.</summary>
    internal IReadOnlyList<(string Name, float Weight)>? NamedWeights
    {
        get
        {
            var weights = new List<(string, float)>();
            foreach (var part in ClassWeights.Split(',', StringSplitOptions.TrimEntries))
            {
                var at = part.LastIndexOf('=');
                if (at < 1 || !float.TryParse(part[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) || !(weight > 0) || float.IsInfinity(weight)) return null;
                weights.Add((part[..at].TrimEnd(), weight));
            }
            return weights;
        }
    }

    internal void Validate(Problems problems, bool earlierModel)
    {
        problems.OneOf(LossCatalog.Names, Loss, "objective.loss");
        problems.InRange(0, 1, LabelSmoothing, "objective.label-smoothing");
        if (ClassWeights is not ("none" or "balanced") && NamedWeights is null) problems.Add("objective.class-weights", $"'{ClassWeights}' is none of none, balanced, and weights by name such as red=2,blue=0.5 (each above 0).");
        problems.Positive(Delta, "objective.delta");
        problems.AtLeast(0, FocalGamma, "objective.focal-gamma");
        problems.InRange(0, 1, FocalAlpha, "objective.focal-alpha");
        problems.AtLeast(0, GammaPositive, "objective.gamma-positive");
        problems.AtLeast(0, GammaNegative, "objective.gamma-negative");
        problems.InRange(0, 1, Clip, "objective.clip");
        problems.Positive(Scale, "objective.scale");
        problems.Positive(Margin, "objective.margin");
        problems.Positive(DistillationTemperature, "objective.distillation-temperature");
        problems.InRange(0, 1, DistillationWeight, "objective.distillation-weight");
        problems.AtLeast(0, RDrop, "objective.r-drop");
        problems.AtLeast(0, ConfidencePenalty, "objective.confidence-penalty");
        problems.AtLeast(0, FgmEpsilon, "objective.fgm-epsilon");
        problems.AtLeast(0, NeftuneAlpha, "objective.neftune-alpha");
        if (Teacher is null && DistillationTemperature is not null) problems.Add("objective.distillation-temperature", "has no effect without objective.teacher.");
        if (Teacher is null && DistillationWeight is not null) problems.Add("objective.distillation-weight", "has no effect without objective.teacher.");
        problems.AtLeast(0, L2Sp, "objective.l2-sp");
        if (L2Sp > 0 && !earlierModel) problems.Add("objective.l2-sp", "needs an earlier model (--model RUN), towards whose weights it pulls.");
    }
}
