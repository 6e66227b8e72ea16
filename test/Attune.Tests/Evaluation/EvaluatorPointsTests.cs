using Attune.Evaluation;
using Attune.Metrics;

namespace Attune.Tests.Evaluation;

public class EvaluatorPointsTests
{
    private static readonly EvaluationSettings Settings = new() { Resamples = 100 };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(500, 500)]
    [InlineData(12_345, 500)]
    public void A_regression_keeps_evenly_spaced_rows(int rows, int expected)
    {
        double[] truth = [.. Enumerable.Range(0, rows).Select(i => (double)i)], predicted = [.. truth.Select(x => x + 0.5)];
        var points = Evaluator.Evaluate(new RegressionScores(truth, predicted), Settings).Points!;
        Assert.Equal(expected, points.Count);
        Assert.Equal((0.0, rows - 1.0), (points[0].Truth, points[^1].Truth));
        Assert.Equal(points.OrderBy(p => p.Truth).Distinct(), points);
        Assert.All(points, p => Assert.Equal(0.5, p.Prediction - p.Truth));
    }

    [Fact]
    public void Rows_that_are_not_finite_have_no_point()
    {
        var points = Evaluator.Evaluate(new RegressionScores([1, 2, 3], [1, double.NaN, 3]), Settings).Points!;
        Assert.Equal([new PredictedPoint(1, 1), new PredictedPoint(3, 3)], points);
    }

    [Fact]
    public void They_survive_the_file_and_classifiers_and_older_files_have_none()
    {
        var regression = Report(Evaluator.Evaluate(new RegressionScores([1, 2, 4], [1, 2, 3]), Settings));
        Assert.Equal(regression.Splits["test"].Points, EvaluationReport.FromJson(regression.ToJson()).Splits["test"].Points);
        var classifier = Report(Evaluator.Evaluate(new ClassificationScores([0, 1], [0.8, 0.2, 0.3, 0.7], 2, 1), Settings));
        Assert.DoesNotContain("points", classifier.ToJson(), StringComparison.Ordinal);
        Assert.Null(EvaluationReport.FromJson(classifier.ToJson()).Splits["test"].Points);
    }

    private static EvaluationReport Report(SplitEvaluation test) => new() { Task = "any", Splits = new Dictionary<string, SplitEvaluation> { ["test"] = test } };
}
