namespace Attune.Metrics;

/// <summary>Matthews correlation coefficient, in Gorodkin's form for K classes (2004). 0 when everything is predicted as one class; undefined when only one class has rows.</summary>
public sealed class Mcc : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "mcc";

    /// <inheritdoc/>
    public override string Unit => "none";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Matthews correlation between truth and prediction, -1 to 1.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
    {
        double rows = sample.Rows, products = 0, predictedSquares = 0, trueSquares = 0;
        var present = 0;
        for (var k = 0; k < sample.Classes; k++)
        {
            double truth = sample.TrueRows(k), predicted = sample.PredictedRows(k);
            if (truth > 0) present++;
            products += truth * predicted;
            predictedSquares += predicted * predicted;
            trueSquares += truth * truth;
        }
        if (present < 2) return MetricValue.Undefined("Only one class has rows.");
        var spread = (rows * rows - predictedSquares) * (rows * rows - trueSquares);
        return MetricValue.Of(spread == 0 ? 0 : (sample.Right * rows - products) / Math.Sqrt(spread));
    }
}
