namespace Attune.Metrics;

/// <summary>TP / (TP + FP) over the entities of all types, 0 where none is predicted; see <see cref="EntityF1"/>.</summary>
public sealed class EntityPrecision : TokenMetric
{
    /// <inheritdoc/>
    public override string Name => "entity_precision";

    /// <inheritdoc/>
    public override string Description => "Share of the predicted entities that are right.";

    /// <inheritdoc/>
    protected override MetricValue Compute(TokenSample sample)
        => OfEntities(sample, static counts => counts.Precision);
}
