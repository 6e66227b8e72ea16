namespace Attune.Metrics;

/// <summary>TP / (TP + FN) over the entities of all types, 0 where there is none; see <see cref="EntityF1"/>.</summary>
public sealed class EntityRecall : TokenMetric
{
    /// <inheritdoc/>
    public override string Name => "entity_recall";

    /// <inheritdoc/>
    public override string Description => "Share of the true entities that are found.";

    /// <inheritdoc/>
    protected override MetricValue Compute(TokenSample sample)
        => OfEntities(sample, static counts => counts.Recall);
}
