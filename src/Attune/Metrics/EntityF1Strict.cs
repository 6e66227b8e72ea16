namespace Attune.Metrics;

/// <summary><see cref="EntityF1"/> of the strict reading of IOB2 (seqeval's mode strict): what does not begin with <c>B-</c> is no entity.</summary>
public sealed class EntityF1Strict : TokenMetric
{
    /// <inheritdoc/>
    public override string Name => "entity_f1_strict";

    /// <inheritdoc/>
    public override string Description => "F1 of entities that begin with B-; tags that continue nothing are passed over.";

    /// <inheritdoc/>
    protected override MetricValue Compute(TokenSample sample)
        => OfEntities(sample, static counts => counts.F1, strict: true);
}
