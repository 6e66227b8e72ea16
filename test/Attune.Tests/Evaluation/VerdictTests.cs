using System.Text.Json;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.Randomness;
using Attune.Tests.Metrics;

namespace Attune.Tests.Evaluation;

public sealed class VerdictTests
{
    private static readonly EvaluationSettings Settings = new() { Seed = 3, Resamples = 400 };

    [Theory]
    [InlineData(MetricTasks.Binary, "log_loss")]
    [InlineData(MetricTasks.Binary, "accuracy")]
    [InlineData(MetricTasks.Multiclass, "f1")]
    [InlineData(MetricTasks.Regression, "rmse")]
    public void The_same_predictions_are_no_evidence_and_still_name_a_detectable_size(MetricTasks kind, string metric)
    {
        var verdict = VerdictMaker.Compare(MetricContractTests.Random(kind, 300, 1), "first", MetricContractTests.Random(kind, 300, 1), "second", metric, Settings);
        foreach (var comparison in verdict.Others.Prepend(verdict))
        {
            Assert.Equal(Verdict.NoEvidence, comparison.Word);
            Assert.Equal(0, comparison.Difference);
            Assert.Equal(1, comparison.PValue);
            Assert.True(comparison.DetectableDifference > 0);
        }
    }

    [Theory]
    [InlineData("log_loss")]
    [InlineData("accuracy")]
    [InlineData("roc_auc")]
    public void A_planted_gain_is_better_one_way_and_worse_the_other(string metric)
    {
        var (noisy, sharp) = Pair(2000, 2.5, 0.3, 1);
        Assert.Equal(Verdict.Better, VerdictMaker.Compare(noisy, "noisy", sharp, "sharp", metric, Settings).Word);
        Assert.Equal(Verdict.Worse, VerdictMaker.Compare(sharp, "sharp", noisy, "noisy", metric, Settings).Word);
    }

    [Fact]
    public void A_gain_in_rmse_is_a_negative_difference_and_better()
    {
        var stream = new Philox(1, "regression");
        var targets = Enumerable.Range(0, 500).Select(i => stream.Normal((ulong)i)).ToArray();
        ScoredSet With(double noise, ulong at) => new RegressionScores(targets, [.. targets.Select((y, i) => y + noise * stream.Normal(at + (ulong)i))]);
        var verdict = VerdictMaker.Compare(With(1, 1000), "linear", With(0.7, 2000), "tuned", "rmse", Settings);
        Assert.Equal(Verdict.Better, verdict.Word);
        Assert.True(verdict.Difference < 0 && verdict.Interval!.Value.High < 0);
        Assert.StartsWith("'tuned' is better than 'linear': rmse went from ", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains("R2 went from", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_seeds_give_equal_verdicts_whatever_the_thread_count()
    {
        var (before, after) = Pair(500, 1, 0.9, 4);
        var one = VerdictMaker.Compare(before, "a", after, "b", "log_loss", Settings).ToJson();
        Assert.Equal(one, VerdictMaker.Compare(before, "a", after, "b", "log_loss", Settings with { Threads = 3 }).ToJson());
        Assert.NotEqual(one, VerdictMaker.Compare(before, "a", after, "b", "log_loss", Settings with { Seed = 4 }).ToJson());
        Assert.Equal(
            JsonSerializer.Serialize(Evaluator.Evaluate(after, Settings).Metrics),
            JsonSerializer.Serialize(Evaluator.Evaluate(after, Settings with { Threads = 3 }).Metrics));
    }

    [Fact]
    public void P_value_word_and_interval_agree_on_random_pairs()
    {
        for (var seed = 0UL; seed < 150; seed++)
        {
            var (before, after) = Pair(20 + (int)seed, 1, 0.3 + 0.01 * seed, seed);
            var verdict = VerdictMaker.Compare(before, "a", after, "b", "log_loss", Settings with { Resamples = 100, Seed = seed });
            foreach (var c in verdict.Others.Prepend(verdict).Where(c => c.Interval is not null))
            {
                Assert.Equal(c.PValue < 0.05, !c.Interval!.Value.Contains(0));
                Assert.Equal(c.Word == Verdict.NoEvidence, c.Interval.Value.Contains(0));
                if (c.Word != Verdict.NoEvidence) Assert.Equal(c.Word == Verdict.Better, c.Difference > 0 == c.HigherIsBetter);
            }
        }
    }

    [Fact]
    public void Few_changed_rows_are_never_evidence()
    {
        var labels = Enumerable.Range(0, 100).Select(i => i % 2).ToArray();
        double[] Probabilities(int wrong) => [.. labels.SelectMany((label, row) => (label == 1) == (row >= wrong) ? new[] { 0.1, 0.9 } : [0.9, 0.1])];
        var verdict = VerdictMaker.Compare(new ClassificationScores(labels, Probabilities(5), 2), "a", new ClassificationScores(labels, Probabilities(0), 2), "b", "log_loss", Settings);
        Assert.All(verdict.Others.Prepend(verdict), c => Assert.Equal(Verdict.NoEvidence, c.Word));
    }

    [Fact]
    public void Sentence_for_no_evidence_says_what_would_have_shown()
    {
        var (before, after) = Pair(100, 1, 0.95, 4);
        var verdict = VerdictMaker.Compare(before, "runs/first", after, "runs/second", "log_loss", Settings);
        Assert.Matches(@"^There is no evidence that 'runs/second' is better or worse than 'runs/first': log loss went from [\d.]+ to [\d.]+ \([+-][\d.]+, 95 % interval -[\d.]+ to \+[\d.]+; lower is better\)\. " +
            @"Accuracy went from 0\.73 to 0\.76 \(\+0\.03, 95 % interval .*; higher is better\)\. A difference of [\d.]+ or more would have shown on 100 rows four times out of five\.$", verdict.Sentence);
    }

    [Fact]
    public void Other_rows_are_refused()
    {
        var (before, _) = Pair(50, 1, 1, 1);
        Assert.Throws<ArgumentException>(() => VerdictMaker.Compare(before, "a", Pair(50, 1, 1, 2).After, "b", "log_loss", Settings));
        Assert.Throws<ArgumentException>(() => VerdictMaker.Compare(before, "a", Pair(51, 1, 1, 1).After, "b", "log_loss", Settings));
        Assert.Throws<OptionsException>(() => VerdictMaker.Compare(before, "a", before, "b", "rmse", Settings));
    }

    [Fact]
    public void Json_has_the_contracted_keys_and_survives_a_round_trip()
    {
        var (before, after) = Pair(200, 1, 0.5, 1);
        var verdict = VerdictMaker.Compare(before, "logistic", after, "tuned", "log_loss", Settings);
        using var json = JsonDocument.Parse(verdict.ToJson());
        string[] keys = ["after", "before", "detectableDifference", "difference", "higherIsBetter", "interval", "metric", "others", "pValue", "rows", "test", "verdict"];
        Assert.Equal(keys, json.RootElement.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal("logistic", json.RootElement.GetProperty("before").GetProperty("name").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("interval").GetArrayLength());
        Assert.Equal(verdict.ToJson(), Verdict.FromJson(verdict.ToJson()).ToJson());
        Assert.Equal(verdict.Sentence, Verdict.FromJson(verdict.ToJson()).Sentence);
        Assert.Contains("accuracy", verdict.Sentence, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_simple_model_that_does_better_is_said_in_plain_words_with_advice()
    {
        var (noisy, sharp) = Pair(2000, 2.5, 0.3, 1);
        var (middle, _) = Pair(2000, 1.2, 0.3, 1);
        Verdict Against(ScoredSet before, string name) => VerdictMaker.Compare(before, name, middle, "tuned", "log_loss", Settings);
        var verdict = Against(noisy, "head-only") with { Simple = [Against(noisy, "majority"), Against(sharp, "logistic")] };
        Assert.Equal(Verdict.Better, verdict.Word);
        var sentences = verdict.SimpleSentences;
        Assert.Equal(3, sentences.Count);
        Assert.StartsWith("Always answering with the training shares of the classes on the same rows does worse: ", sentences[0], StringComparison.Ordinal);
        Assert.Matches(@"^A logistic regression on the same rows does better: 0\.\d+ against 0\.\d+ log loss \(difference of the tuned model \+0\.\d+, 95 % interval \+0\.\d+ to \+0\.\d+; lower is better\), 0\.\d+ against 0\.\d+ accuracy\.$", sentences[1]);
        Assert.StartsWith("Prefer a logistic regression here, or give the tuned model more: ", sentences[2], StringComparison.Ordinal);
        var read = Verdict.FromJson(verdict.ToJson());
        Assert.Equal(verdict.ToJson(), read.ToJson());
        Assert.Equal(sentences, read.SimpleSentences);
        Assert.Contains("would do", (verdict with { Simple = [Against(middle, "logistic")] }).SimpleSentences[^1], StringComparison.Ordinal);
        Assert.Single((verdict with { Simple = [Against(noisy, "linear")] }).SimpleSentences);
        Assert.Empty(Against(noisy, "logistic").SimpleSentences);
    }

    [Fact]
    public void An_undefined_metric_is_null_with_a_reason_not_a_number()
    {
        var scores = new ClassificationScores([0, 0, 0, 0], [0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4], 2, 1);
        var other = new ClassificationScores([0, 0, 0, 0], [0.8, 0.2, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4], 2, 1);
        var verdict = VerdictMaker.Compare(scores, "a", other, "b", "roc_auc", Settings);
        Assert.Equal(Verdict.NoEvidence, verdict.Word);
        Assert.Null(verdict.Difference);
        Assert.NotNull(verdict.Reason);
        Assert.DoesNotContain("NaN", verdict.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", verdict.Sentence, StringComparison.Ordinal);
    }

    private static (ScoredSet Before, ScoredSet After) Pair(int rows, double noiseBefore, double noiseAfter, ulong seed)
    {
        var stream = new Philox(seed, "pair");
        var labels = new int[rows];
        double[] before = new double[2 * rows], after = new double[2 * rows];
        for (var row = 0; row < rows; row++)
        {
            var at = 10 * (ulong)row;
            var logit = 2 * stream.Normal(at);
            labels[row] = stream.Uniform(4 * at + 20) < Sigmoid(logit) ? 1 : 0;
            (before[2 * row + 1], after[2 * row + 1]) = (Sigmoid(logit + noiseBefore * stream.Normal(at + 1)), Sigmoid(logit + noiseAfter * stream.Normal(at + 2)));
            (before[2 * row], after[2 * row]) = (1 - before[2 * row + 1], 1 - after[2 * row + 1]);
        }
        return (new ClassificationScores(labels, before, 2, 1), new ClassificationScores(labels, after, 2, 1));
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
