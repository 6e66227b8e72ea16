namespace Attune.Metrics;

/// <summary>
/// -mean(log p[true class]), natural logarithm; probabilities clipped to [2⁻⁵², 1 - 2⁻⁵²] and then renormalised over the row, as scikit-learn does.
/// Of several labels a row the mean over rows and labels of -(y·log p + (1 - y)·log(1 - p)), clipped likewise. Of tags, and of hidden words, the mean over words.
/// </summary>
public sealed class LogLoss : Metric
{
    /// <inheritdoc/>
    public override string Name => "log_loss";

    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Classification | MetricTasks.Multilabel | MetricTasks.Tokens | MetricTasks.MaskedTokens;

    /// <inheritdoc/>
    public override string Unit => "nats";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Mean negative log probability of the true class, of a word's true tag, a hidden word, or of the true side of every label.";

    /// <inheritdoc/>
    public override MetricValue Compute(Sample sample) => sample.Rows == 0 ? MetricValue.Undefined("There are no rows.") : sample switch
    {
        ClassificationSample classes => MetricValue.Of(classes.Mean(classes.Scores.LogLosses)),
        MultilabelSample labels => MetricValue.Of(labels.Mean(labels.Scores.LogLosses)),
        TokenSample { Words: 0 } => MetricValue.Undefined("There are no words."),
        MaskedTokenSample { Words: 0 } => MetricValue.Undefined("There are no hidden words."),
        MaskedTokenSample words => MetricValue.Of(words.Mean(words.Scores.Losses)),
        TokenSample tokens => MetricValue.Of(tokens.MeanOverWords(tokens.Scores.Losses)),
        _ => throw new ArgumentException($"'{Name}' is a metric for classification; these rows hold real values.", nameof(sample)),
    };
}
