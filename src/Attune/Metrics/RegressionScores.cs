using System.Runtime.InteropServices;

namespace Attune.Metrics;

/// <summary>True and predicted real values, in the user's unit.</summary>
public sealed class RegressionScores : ScoredSet
{
    private double[]? _squared, _absolute, _relative;

    /// <summary>Scores over the given arrays, which are not copied.</summary>
    /// <param name="targets">True values [R].</param>
    /// <param name="predictions">Predicted values [R].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public RegressionScores(double[] targets, double[] predictions) : base(targets.Length)
    {
        if (targets.Length != predictions.Length) throw new ArgumentException($"{predictions.Length} predictions for {targets.Length} targets.", nameof(predictions));
        (Targets, Predictions) = (targets, predictions);
    }

    /// <inheritdoc/>
    public override MetricTasks Kind => MetricTasks.Regression;

    /// <summary>True values [R].</summary>
    public double[] Targets { get; }

    /// <summary>Predicted values [R].</summary>
    public double[] Predictions { get; }

    /// <inheritdoc/>
    public override Sample NewSample() => new RegressionSample(this);

    /// <inheritdoc/>
    public override ReadOnlySpan<double> RowLosses => SquaredErrors;

    internal double[] SquaredErrors => _squared ??= EachRow((y, p) => (p - y) * (p - y));

    internal double[] AbsoluteErrors => _absolute ??= EachRow((y, p) => Math.Abs(p - y));

    internal double[] RelativeErrors => _relative ??= EachRow((y, p) => Math.Abs(p - y) / Math.Max(Math.Abs(y), ClassificationScores.Epsilon));

    internal override bool SamePredictions(ScoredSet other)
        => other is RegressionScores scores && MemoryMarshal.AsBytes<double>(Predictions).SequenceEqual(MemoryMarshal.AsBytes<double>(scores.Predictions));

    internal override bool SameTruth(ScoredSet other) => other is RegressionScores scores && Targets.AsSpan().SequenceEqual(scores.Targets);

    internal override int ChangedRows(ScoredSet other, bool labelsOnly)
    {
        var scores = (RegressionScores)other;
        var changed = 0;
        for (var row = 0; row < Rows; row++)
        {
            if (Predictions[row] != scores.Predictions[row]) changed++;
        }
        return changed;
    }

    private double[] EachRow(Func<double, double, double> value)
    {
        var values = new double[Rows];
        for (var row = 0; row < values.Length; row++) values[row] = value(Targets[row], Predictions[row]);
        return values;
    }
}
