namespace Attune.Metrics;

/// <summary><see cref="EntityF1"/> of each type that occurs, true or predicted, each counting the same; 0 where none does.</summary>
public sealed class EntityF1Macro : TokenMetric
{
    /// <inheritdoc/>
    public override string Name => "entity_f1_macro";

    /// <inheritdoc/>
    public override string Description => "F1 of entities, mean over their types.";

    /// <inheritdoc/>
    protected override MetricValue Compute(TokenSample sample)
    {
        if (!sample.Scores.IsIob) return MetricValue.Undefined("The tags are no B-, I- and O, so they mark no entities.");
        var types = sample.Entities();
        return MetricValue.Of(types.Count == 0 ? 0 : types.Average(t => t.Counts.F1));
    }
}
