namespace Attune.Metrics;

/// <summary>exp of the mean −log p over the hidden words of all texts: among how many equally likely words a guess would be as hard.</summary>
public sealed class Perplexity : Metric
{
    /// <inheritdoc/>
    public override string Name => "perplexity";

    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.MaskedTokens;

    /// <inheritdoc/>
    public override string Unit => "none";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "exp of the mean negative log probability of the hidden words.";

    /// <inheritdoc/>
    public override MetricValue Compute(Sample sample)
    {
        if (sample is not MaskedTokenSample tokens) throw new ArgumentException($"'{Name}' is a metric for hidden words; these rows hold something else.", nameof(sample));
        return tokens.Words == 0 ? MetricValue.Undefined("There are no hidden words.") : MetricValue.Of(Math.Exp(tokens.Mean(tokens.Scores.Losses)));
    }
}
