using Attune.Metrics;
using Attune.Randomness;

namespace Attune.VerdictSimulation;

/// <summary>A population from which test splits are drawn, with two models whose errors have given sizes.</summary>
internal abstract class World
{
    public abstract string Name { get; }

    public abstract string[] Metrics { get; }

    /// <summary>Noise of the first model; the second one has this in an A/A comparison and less when something is planted.</summary>
    public abstract double Noise { get; }

    /// <summary>A split of <paramref name="rows"/> rows.</summary>
    public abstract (ScoredSet Before, ScoredSet After) Draw(ulong seed, int rows, double noiseBefore, double noiseAfter);
}

/// <summary>Two classes; the models see the true logit plus noise, and are over-confident by a factor.</summary>
internal sealed class BinaryWorld(string name, double spread, double shift, double noise, double confidence) : World
{
    public override string Name => name;

    public override string[] Metrics => ["log_loss", "accuracy", "roc_auc", "brier", "f1"];

    public override double Noise => noise;

    public override (ScoredSet Before, ScoredSet After) Draw(ulong seed, int rows, double noiseBefore, double noiseAfter)
    {
        var random = new Philox(seed, "world");
        var labels = new int[rows];
        double[] before = new double[2 * rows], after = new double[2 * rows];
        for (var row = 0; row < rows; row++)
        {
            var at = 4UL * (ulong)row;
            var logit = spread * random.Normal(at) + shift;
            var uniform = random.Normal(at + 1);
            labels[row] = Uniform(uniform) < Sigmoid(logit) ? 1 : 0;
            Fill(before, row, Sigmoid(confidence * (logit + noiseBefore * random.Normal(at + 2))));
            Fill(after, row, Sigmoid(confidence * (logit + noiseAfter * random.Normal(at + 3))));
        }
        return (new ClassificationScores(labels, before, 2, 1), new ClassificationScores(labels, after, 2, 1));
    }

    private static void Fill(double[] probabilities, int row, double p) => (probabilities[2 * row], probabilities[2 * row + 1]) = (1 - p, p);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Φ(z) by the logistic-free series is not needed: a normal number's fractional part of a wide stretch is uniform to 1e-12.</summary>
    private static double Uniform(double normal)
    {
        var wide = normal * 1000;
        return wide - Math.Floor(wide);
    }
}

/// <summary>One real value; the models miss by noise, the target itself by noise with heavy tails.</summary>
internal sealed class RegressionWorld(string name, double noise, bool heavy) : World
{
    public override string Name => name;

    public override string[] Metrics => ["rmse", "mae", "r2"];

    public override double Noise => noise;

    public override (ScoredSet Before, ScoredSet After) Draw(ulong seed, int rows, double noiseBefore, double noiseAfter)
    {
        var random = new Philox(seed, "world");
        double[] targets = new double[rows], before = new double[rows], after = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            var at = 9UL * (ulong)row;
            var signal = 2 * random.Normal(at);
            var error = random.Normal(at + 1);
            if (heavy)
            {
                double squares = 0;   // Student's t with 5 degrees of freedom
                for (var i = 4UL; i < 9; i++) squares += random.Normal(at + i) * random.Normal(at + i);
                error /= Math.Sqrt(squares / 5);
            }
            targets[row] = signal + error;
            before[row] = signal + noiseBefore * random.Normal(at + 2);
            after[row] = signal + noiseAfter * random.Normal(at + 3);
        }
        return (new RegressionScores(targets, before), new RegressionScores(targets, after));
    }
}
