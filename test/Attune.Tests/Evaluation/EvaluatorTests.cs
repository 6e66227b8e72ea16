using System.Text.Json;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.Tasks;
using Attune.Tests.Metrics;

namespace Attune.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private static readonly EvaluationSettings Settings = new() { Seed = 1, Resamples = 300 };

    [Theory]
    [InlineData(MetricTasks.Binary)]
    [InlineData(MetricTasks.Multiclass)]
    [InlineData(MetricTasks.Multilabel)]
    [InlineData(MetricTasks.Regression)]
    public void Every_metric_of_the_task_has_a_value_inside_an_interval(MetricTasks kind)
    {
        var evaluation = Evaluator.Evaluate(MetricContractTests.Random(kind, 400, 2), Settings);
        Assert.Equal(MetricCatalog.For(kind).Select(m => m.Name), evaluation.Metrics.Keys);
        Assert.All(evaluation.Metrics.Where(m => m.Key != "ece"), m => Assert.True(m.Value.Interval!.Value.Contains(m.Value.Value!.Value), m.Key));   // ece is biased upwards in resamples
    }

    [Fact]
    public void Perfect_accuracy_keeps_an_interval_with_width()
    {
        var scores = new ClassificationScores([0, 1, 0, 1], [1.0, 0, 0, 1, 1, 0, 0, 1], 2, 1);
        var accuracy = Evaluator.Evaluate(scores, Settings).Metrics["accuracy"];
        Assert.Equal(1, accuracy.Value);
        Assert.True(accuracy.Interval!.Value.Low < 0.7);
    }

    [Fact]
    public void Report_has_the_contracted_keys_curves_and_worst_rows()
    {
        var task = new Classification("y", ["no", "yes"], "yes");
        var split = Evaluator.Evaluate(MetricContractTests.Random(MetricTasks.Binary, 1000, 2), Settings, task);
        var report = EvaluationReport.Of(task, new Dictionary<string, SplitEvaluation> { ["test"] = split });
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(["baselines", "classes", "positiveClass", "splits", "task"], json.RootElement.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        var metric = json.RootElement.GetProperty("splits").GetProperty("test").GetProperty("metrics").GetProperty("log_loss");
        Assert.Equal(["higherIsBetter", "interval", "unit", "value"], metric.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(report.ToJson(), EvaluationReport.FromJson(report.ToJson()).ToJson());
        Assert.Equal(1000, split.ConfusionMatrix!.Sum(row => row.Sum()));
        Assert.Equal(1000, split.Calibration!.Sum(bin => bin.Rows));
        Assert.True(split.RocCurve!.Count <= 200 && split.RocCurve[^1] is { FalsePositiveRate: 1, TruePositiveRate: 1 });
        Assert.Equal(split.WorstRows!.Select(row => row.Loss).OrderDescending(), split.WorstRows!.Select(row => row.Loss));
    }

    [Fact]
    public void Labels_have_figures_each_and_the_worst_rows_name_them()
    {
        var task = MultiLabelClassification.OfColumns(["cat", "dog"]);
        // cat: right, missed, right; dog: wrong, right, absent.
        var scores = new MultilabelScores([1, 0, 1, 1, 0, 0], [0.9, 0.8, 0.2, 0.7, 0.1, 0.1], 2);
        var split = Evaluator.Evaluate(scores, Settings.WithoutIntervals, task, row => new RowView(null, new Dictionary<string, string> { ["x"] = $"{row}" }));
        Assert.Equal(new ClassEvaluation(2, 1, 0.5, 2.0 / 3, 1, 1), split.Classes![0]);
        Assert.Equal(new ClassEvaluation(1, 0.5, 1, 2.0 / 3, 0.5, 0.5), split.Classes[1]);
        var worst = split.WorstRows![0];
        Assert.Equal((1, "cat;dog", "dog", "1"), (worst.Row, worst.Truth, worst.Prediction, worst.Values!["x"]));
        Assert.Null(split.ConfusionMatrix);
        Assert.Equal(["cat", "dog"], EvaluationReport.Of(task, new Dictionary<string, SplitEvaluation> { ["test"] = split }).Classes!);
    }

    [Fact]
    public void A_class_without_rows_or_predictions_has_no_such_figures_instead_of_zeros()
    {
        var scores = new ClassificationScores([0, 0, 1], [0.8, 0.1, 0.1, 0.7, 0.2, 0.1, 0.6, 0.3, 0.1], 3);
        var classes = Evaluator.Evaluate(scores, Settings.WithoutIntervals).Classes!;
        Assert.Equal(new ClassEvaluation(2, 2.0 / 3, 1, 0.8, 1, 1), classes[0]);
        Assert.Equal(new ClassEvaluation(1, null, 0, 0, 1, 1), classes[1]);
        Assert.Equal(new ClassEvaluation(0, null, null, null, null, null), classes[2]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Hardly_any_rows_give_reasons_instead_of_numbers(int rows)
    {
        foreach (var kind in new[] { MetricTasks.Binary, MetricTasks.Multiclass, MetricTasks.Multilabel, MetricTasks.Regression })
        {
            var evaluation = Evaluator.Evaluate(MetricContractTests.Random(kind, rows, 2), Settings);
            Assert.All(evaluation.Metrics.Where(m => m.Key != "accuracy" || rows == 0), m => Assert.True(m.Value.Interval is null && m.Value.Reason is not null, m.Key));
        }
    }
}
