using Attune.Encoding;
using Attune.Evaluation.Baselines;
using Attune.Metrics;
using Attune.Randomness;
using Attune.Tasks;

namespace Attune.Tests.Evaluation;

public sealed class BaselineTests
{
    private static readonly Classification Binary = new("y", ["no", "yes"], "yes");

    [Fact]
    public void Logistic_regression_reaches_the_stationary_point_of_its_objective()
    {
        // Three rows of one feature; the optimum of mean log loss + w²/(2n) solved by hand: w = Σ (y - p)·x, Σ (y - p) = 0.
        var set = new EncodedSet(4, [new FloatInput("x", 1, [-2, -1, 1, 3])], Targets.Real([0, 1, 0, 1]));
        var probabilities = new LinearModel(Binary, set).Predict(set);
        double w = 0, balance = 0;
        float[] x = [-2, -1, 1, 3], y = [0, 1, 0, 1];
        for (var i = 0; i < 4; i++) (w, balance) = (w + (y[i] - probabilities[2 * i + 1]) * x[i], balance + y[i] - probabilities[2 * i + 1]);
        double Logit(int i) => Math.Log(probabilities[2 * i + 1] / probabilities[2 * i]);
        Assert.Equal(0, balance, 1e-4);
        Assert.Equal((Logit(3) - Logit(0)) / 5, w, 1e-4);
    }

    [Fact]
    public void Linear_regression_recovers_a_line_and_beats_the_mean()
    {
        var stream = new Philox(1, "line");
        var x = Enumerable.Range(0, 2000).Select(i => (float)stream.Normal((ulong)i)).ToArray();
        var y = x.Select(v => 3 * v + 7).ToArray();
        var task = new Regression("y", 7, 3);
        var set = new EncodedSet(1000, [new FloatInput("x", 2, x)], Targets.Real([.. Enumerable.Range(0, 1000).Select(i => (2 * x[2 * i] - x[2 * i + 1]) / 3)]));
        var baselines = Baseline.Fit(task, set);
        Assert.Equal(["mean", "linear"], baselines.Select(b => b.Name));
        Assert.Equal("linear", Baseline.Choose(baselines, set).Name);
        Assert.True(new Rmse().Compute(baselines[1].Score(set)).Value < 0.02);
        Assert.Equal(0, new R2().Compute(baselines[0].Score(set)).Value!.Value, 1e-6);
    }

    [Fact]
    public void Majority_predicts_the_training_frequencies_and_wins_where_nothing_is_to_be_learned()
    {
        var stream = new Philox(2, "noise");
        EncodedSet Noise(int rows, ulong at) => new(rows, [new FloatInput("x", 20, [.. Enumerable.Range(0, rows * 20).Select(i => (float)stream.Normal(at + (ulong)i))])],
            Targets.Real([.. Enumerable.Range(0, rows).Select(i => i % 4 == 0 ? 1f : 0f)]));
        var baselines = Baseline.Fit(Binary, Noise(80, 0));
        Assert.Equal([0.75f, 0.25f], baselines[0].Predict(Noise(1, 9)));
        Assert.Equal("majority", Baseline.Choose(baselines, Noise(200, 100_000)).Name);
    }

    [Fact]
    public void Several_classes_and_codes_are_learned_and_unseen_codes_add_nothing()
    {
        var codes = Enumerable.Range(0, 300).Select(i => i % 3).ToArray();
        var task = new Classification("y", ["a", "b", "c"], null);
        var set = new EncodedSet(300, [new FloatInput("x", 1, new float[300]), new IndexInput("code", 1, codes)], Targets.Classes([.. codes.Select(c => 2 - c)]));
        var logistic = new LinearModel(task, set);
        Assert.Equal(1, new Accuracy().Compute(logistic.Score(set)).Value);
        var unseen = logistic.Predict(new EncodedSet(1, [new FloatInput("x", 1, [0]), new IndexInput("code", 1, [99])]));
        Assert.Equal(1, unseen.Sum(), 1e-5);
        Assert.All(unseen, p => Assert.Equal(1 / 3.0, p, 1e-3));
    }
}
