namespace Attune.Metrics;

/// <summary>2·TP / (2·TP + FP + FN) over the entities of all types; an entity is right when its type, first and last word are. 0 / 0 counts 0. Equals seqeval's default reading (<see cref="EntitySpans"/>).</summary>
public sealed class EntityF1 : TokenMetric
{
    /// <inheritdoc/>
    public override string Name => "entity_f1";

    /// <inheritdoc/>
    public override string Description => "F1 of entities: type, first and last word all right.";

    /// <inheritdoc/>
    protected override MetricValue Compute(TokenSample sample)
        => OfEntities(sample, static counts => counts.F1);
}
