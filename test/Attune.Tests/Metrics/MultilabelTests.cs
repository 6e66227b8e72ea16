using Attune.Evaluation;
using Attune.Metrics;

namespace Attune.Tests.Metrics;

/// <summary>Multi-label figures worked out by hand, and what they say where there is nothing to say.</summary>
public sealed class MultilabelTests
{
    // Rows: {a} predicted {a, b}; {a, b} predicted {b}; {} predicted {}.
    private static readonly MultilabelScores Small = new([1, 0, 0, 1, 1, 0, 0, 0, 0], [0.9, 0.6, 0.1, 0.4, 0.8, 0.2, 0.1, 0.2, 0.3], 3);

    [Theory]
    [InlineData("subset_accuracy", 1.0 / 3)]
    [InlineData("hamming_loss", 2.0 / 9)]
    [InlineData("precision_micro", 2.0 / 3)]
    [InlineData("recall_micro", 2.0 / 3)]
    [InlineData("precision_macro", (1 + 0.5 + 0) / 3)]
    [InlineData("recall_macro", (0.5 + 1 + 0) / 3)]
    [InlineData("recall_weighted", (2 * 0.5 + 1) / 3)]
    [InlineData("precision_samples", (0.5 + 1 + 0) / 3)]
    [InlineData("recall_samples", (1 + 0.5 + 0) / 3)]
    [InlineData("f1_samples", (2.0 / 3 + 2.0 / 3 + 0) / 3)]
    [InlineData("label_ranking_average_precision", 1)]
    [InlineData("coverage_error", (1 + 2 + 0) / 3.0)]
    public void Figures_are_those_worked_out_by_hand(string metric, double expected) => Assert.Equal(expected, MetricCatalog.Find(metric)!.Compute(Small).Value!.Value, 1e-12);

    [Fact]
    public void Log_loss_is_the_mean_of_every_label_of_every_row()
        => Assert.Equal(-(Math.Log(0.9) + Math.Log(0.4) + Math.Log(0.9) + Math.Log(0.4) + Math.Log(0.8) + Math.Log(0.8) + Math.Log(0.9) + Math.Log(0.8) + Math.Log(0.7)) / 9, new LogLoss().Compute(Small).Value!.Value, 1e-12);

    [Fact]
    public void A_label_without_rows_leaves_areas_undefined_by_number_and_the_pooled_ones_defined()
    {
        Assert.Contains("Label 2 of 0 to 2 has no rows", new RocAucMacro().Compute(Small).Reason, StringComparison.Ordinal);
        Assert.NotNull(new RocAucMicro().Compute(Small).Value);
        var none = new MultilabelScores(new float[4], [0.9, 0.1, 0.2, 0.3], 2);
        foreach (var metric in MetricCatalog.For(MetricTasks.Multilabel).Where(m => m.Name.Contains('_', StringComparison.Ordinal) && (m.Name.EndsWith("cro", StringComparison.Ordinal) || m.Name.EndsWith("samples", StringComparison.Ordinal) || m.Name.EndsWith("weighted", StringComparison.Ordinal))))
            Assert.NotEmpty(metric.Compute(none).Reason!);
        Assert.Equal(0.75, 1 - new HammingLoss().Compute(none).Value!.Value);
    }

    [Fact]
    public void Tied_scores_share_their_places()
    {
        var tied = new MultilabelScores([1, 0, 0], [0.5, 0.5, 0.5], 3);
        Assert.Equal(1.0 / 3, new LabelRankingAveragePrecision().Compute(tied).Value!.Value, 1e-12);
        Assert.Equal(3, new CoverageError().Compute(tied).Value);
        Assert.Equal((1 + 1 / Math.Log2(3) + 0.5) / 3, new Ndcg().Compute(tied).Value!.Value, 1e-12);
    }

    [Fact]
    public void A_verdict_compares_two_models_of_the_same_labels_and_an_equal_one_is_no_evidence()
    {
        var after = (MultilabelScores)MetricContractTests.Random(MetricTasks.Multilabel, 400, 1);
        var truth = Enumerable.Range(0, 400 * 6).Select(i => after.Has(i / 6, i % 6) ? 1f : 0f).ToArray();
        var before = new MultilabelScores(truth, Enumerable.Repeat(0.4, truth.Length).ToArray(), 6);
        var settings = new EvaluationSettings { Resamples = 200 };
        var verdict = VerdictMaker.Compare(before, "before", after, "after", "log_loss", settings);
        Assert.Equal(Verdict.Better, verdict.Word);
        Assert.Contains(verdict.Others, o => o.Metric == "hamming_loss" && o.Word == Verdict.Better);
        Assert.Contains("F1 micro went from", verdict.Sentence, StringComparison.Ordinal);
        Assert.Equal((Verdict.NoEvidence, new Interval(0, 0)), VerdictMaker.Compare(after, "a", after, "b", "f1_macro", settings) is var same ? (same.Word, same.Interval!.Value) : default);
        Assert.Throws<ArgumentException>(() => VerdictMaker.Compare(new MultilabelScores([.. truth.Select(y => 1 - y)], truth, 6), "a", after, "b", "log_loss", settings));
        Assert.Throws<OptionsException>(() => VerdictMaker.Compare(after, "a", after, "b", "accuracy", settings));
    }

    [Fact]
    public void Top_accuracy_counts_places_ranks_the_later_of_equals_first_and_is_undefined_where_it_is_always_one()
    {
        var scores = new ClassificationScores([0, 3, 2, 1], [0.1, 0.3, 0.3, 0.3, 0.1, 0.2, 0.3, 0.4, 0.25, 0.25, 0.25, 0.25, 0.4, 0.1, 0.25, 0.25], 4);
        Assert.Equal(0.5, new Top3Accuracy().Compute(scores).Value);   // row 0 is last, row 3 is last
        var ties = new ClassificationScores([0, 1, 2, 3], [.. Enumerable.Repeat(0.25, 16)], 4);
        Assert.Equal(0.75, new Top3Accuracy().Compute(ties).Value);    // of four equals the first class ranks last
        Assert.Contains("There are 4 classes", new Top5Accuracy().Compute(scores).Reason, StringComparison.Ordinal);
        Assert.Throws<OptionsException>(() => MetricCatalog.Get("top_3_accuracy", MetricTasks.Binary));
    }
}
