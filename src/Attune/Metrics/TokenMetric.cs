namespace Attune.Metrics;

/// <summary>A metric over the tags of words, or over the entities that they mark.</summary>
public abstract class TokenMetric : Metric
{
    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Tokens;

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    public sealed override MetricValue Compute(Sample sample)
    {
        if (sample is not TokenSample tokens) throw new ArgumentException($"'{Name}' is a metric for the tags of words; these rows hold one class or value.", nameof(sample));
        return tokens.Words == 0 ? MetricValue.Undefined("There are no words.") : Compute(tokens);
    }

    /// <summary>The value on at least one word.</summary>
    protected abstract MetricValue Compute(TokenSample sample);

    /// <summary>A figure of all entities together; undefined where the tags mark none.</summary>
    private protected static MetricValue OfEntities(TokenSample sample, Func<LabelCounts, double> figure, bool strict = false)
        => sample.Scores.IsIob ? MetricValue.Of(figure(sample.AllEntities(strict))) : MetricValue.Undefined("The tags are no B-, I- and O, so they mark no entities.");
}
