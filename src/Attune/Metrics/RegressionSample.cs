using System.Runtime.CompilerServices;

namespace Attune.Metrics;

/// <summary>Regression rows with counts.</summary>
public sealed class RegressionSample : Sample
{
    internal RegressionSample(RegressionScores scores) : base(scores) => Scores = scores;

    /// <summary>The rows.</summary>
    public RegressionScores Scores { get; }

    /// <summary>Mean of row values [R].</summary>
    internal double Mean(double[] values) => Sum(Counts, values) / Rows;

    /// <summary>Mean squared distance of the targets from their mean, in two passes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal double TargetVariance()
    {
        var mean = Mean(Scores.Targets);
        double sum = 0;
        for (var row = 0; row < Counts.Length; row++)
        {
            var distance = Scores.Targets[row] - mean;
            sum += Counts[row] * (distance * distance);
        }
        return sum / Rows;
    }

    private protected override void Forget() { }
}
