namespace Attune.Metrics;

/// <summary>Share of the hidden words that are guessed: no other word of the vocabulary is more probable.</summary>
public sealed class MaskedAccuracy : Metric
{
    /// <inheritdoc/>
    public override string Name => "masked_accuracy";

    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.MaskedTokens;

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the hidden words that are the most probable of the vocabulary.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    public override MetricValue Compute(Sample sample)
    {
        if (sample is not MaskedTokenSample tokens) throw new ArgumentException($"'{Name}' is a metric for hidden words; these rows hold something else.", nameof(sample));
        return tokens.Words == 0 ? MetricValue.Undefined("There are no hidden words.") : MetricValue.Of(tokens.Mean(tokens.Scores.Right));
    }
}
