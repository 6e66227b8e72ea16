namespace Attune.Metrics;

/// <summary>Share of the words whose tag is right, <c>O</c> included.</summary>
public sealed class TokenAccuracy : TokenMetric
{
    /// <inheritdoc/>
    public override string Name => "token_accuracy";

    /// <inheritdoc/>
    public override string Description => "Share of the words with the right tag.";

    /// <inheritdoc/>
    protected override MetricValue Compute(TokenSample sample)
        => MetricValue.Of(sample.MeanOverWords(sample.Scores.Right));
}
