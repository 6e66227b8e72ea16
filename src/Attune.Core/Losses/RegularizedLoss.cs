namespace Attune.Losses;

/// <summary>
/// A loss with a term added to it. The term of a row weighs as the row does in the inner loss (its class weight, 0 when ignored), so that both have one <see cref="Count"/>.
/// </summary>
public abstract class RegularizedLoss : Loss
{
    private protected RegularizedLoss(Loss inner, OutputKind kind)
    {
        if (inner is EmbeddingLoss) throw new ArgumentException($"'{inner.Name}' is a loss over embeddings, which are no distribution.", nameof(inner));
        (Inner, Kind) = (inner, kind);
    }

    /// <summary>The loss that the term is added to.</summary>
    public Loss Inner { get; }

    /// <summary>What the outputs mean.</summary>
    public OutputKind Kind { get; }

    /// <inheritdoc/>
    public override int ForwardPasses => Inner.ForwardPasses;

    /// <inheritdoc/>
    public override bool CouplesRows => Inner.CouplesRows;

    /// <inheritdoc/>
    public override bool NeedsTeacher => Inner.NeedsTeacher;

    /// <inheritdoc/>
    public override Loss Measured => Inner.Measured;

    /// <inheritdoc/>
    public override double Count(in LossTargets targets) => Inner.Count(targets);

    /// <summary>Weight of one row's term: per row for a softmax, per element otherwise.</summary>
    private protected double Weight(in LossTargets targets, int row, int width)
        => Inner.Measured.Count(targets.Slice(row, 1)) / (Kind == OutputKind.Softmax ? 1 : width);
}
