namespace Attune.Metrics;

/// <summary>F1 of each tag that occurs among the words, true or predicted, each counting the same (<c>O</c> too).</summary>
public sealed class TagF1Macro : TokenMetric
{
    /// <inheritdoc/>
    public override string Name => "tag_f1_macro";

    /// <inheritdoc/>
    public override string Description => "F1 of each tag over words, mean over the tags.";

    /// <inheritdoc/>
    protected override MetricValue Compute(TokenSample sample)
    {
        var tags = Enumerable.Range(0, sample.Scores.Tags.Count).Select(sample.Tag).Where(t => t.Support + t.FalsePositives > 0).ToList();
        return MetricValue.Of(tags.Average(t => t.F1));
    }
}
