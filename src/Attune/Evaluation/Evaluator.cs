using System.Globalization;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Evaluation;

/// <summary>Metrics of one model on a whole split, each with a 95 % interval.</summary>
public static class Evaluator
{
    private const int WorstRowCount = 20, RocPointCount = 200, PointCount = 500, MatrixClasses = 100, WorstRowTags = 40;

    /// <summary>
    /// Every metric of the task. Intervals: percentile bootstrap over rows with Hesterberg's widening for few rows (2015, arXiv:1411.5279, section 3.2: the tail is
    /// Φ(-√(n/(n-1))·t₀.₉₇₅)); accuracy has Wilson's, which stays honest at 0 and 1. A metric that is undefined on more than one resample in twenty has no interval.
    /// Intervals speak about new rows for this model, not about new training runs, and are rough below about 50 rows.
    /// </summary>
    /// <param name="scores">The split.</param>
    /// <param name="settings">Seed, resamples, threads.</param>
    /// <param name="task">Gives class names to the rows with the largest loss; without it they are left out.</param>
    /// <param name="view">What to show of those rows beside truth and prediction; null for nothing.</param>
    public static SplitEvaluation Evaluate(ScoredSet scores, EvaluationSettings settings, LearningTask? task = null, Func<int, RowView>? view = null)
    {
        settings.Validate();
        var metrics = MetricCatalog.For(scores.Kind);
        var all = scores.NewSample();
        var values = metrics.Select(metric => metric.Compute(all)).ToArray();
        var resampled = metrics.Select(_ => new double[settings.Resamples]).ToArray();
        if (scores.Rows > 1 && settings.Resamples > 0)
        {
            Bootstrap.Run(scores.Rows, settings, () =>
            {
                var sample = scores.NewSample();
                return (b, counts) =>
                {
                    sample.Take(counts, counts.Length);
                    for (var m = 0; m < metrics.Count; m++) resampled[m][b] = metrics[m].Compute(sample).OrNaN;
                };
            });
        }
        var results = new SortedDictionary<string, MetricResult>(StringComparer.Ordinal);
        for (var m = 0; m < metrics.Count; m++) results[metrics[m].Name] = Result(metrics[m], values[m], resampled[m], scores, all);
        return Describe(scores, all, results, task, view);
    }

    private static MetricResult Result(Metric metric, MetricValue value, double[] resampled, ScoredSet scores, Sample all)
    {
        var result = new MetricResult { Value = value.Value, Unit = metric.Unit, HigherIsBetter = metric.HigherIsBetter, Reason = value.Reason };
        if (value.Value is null) return result;
        if (metric is Accuracy) return result with { Interval = WilsonInterval.Of(((ClassificationSample)all).Right, all.Rows) };
        if (resampled.Length == 0) return result;
        if (scores.Rows < 2) return result with { Reason = "One row gives no interval." };
        var defined = Array.FindAll(resampled, double.IsFinite);
        if (defined.Length < 0.95 * resampled.Length)
            return result with { Reason = "No interval: too few rows of some class, so that many resamples leave the metric undefined." };
        Array.Sort(defined);
        var tail = NormalDistribution.Cumulative(-StudentDistribution.Quantile(0.975, scores.Rows - 1) * Math.Sqrt(scores.Rows / (scores.Rows - 1.0)));
        // ECE's resamples lie above its value, so that a plain percentile interval can miss it.
        return result with { Interval = new Interval(Math.Min(value.Value.Value, Quantile.Linear(defined, tail)), Math.Max(value.Value.Value, Quantile.Linear(defined, 1 - tail))) };
    }

    private static SplitEvaluation Describe(ScoredSet scores, Sample all, IReadOnlyDictionary<string, MetricResult> results, LearningTask? task, Func<int, RowView>? view)
    {
        var evaluation = new SplitEvaluation { Rows = scores.Rows, Metrics = results, WorstRows = task is null ? null : WorstRows(scores, task, view) };
        if (scores is RegressionScores values) return evaluation with { Points = Points(values) };
        if (scores is TokenScores) return evaluation with { Classes = Tags((TokenSample)all) };
        if (scores is MultilabelScores) return evaluation with { Classes = Labels((MultilabelSample)all) };
        return scores is not ClassificationScores classes ? evaluation : evaluation with
        {
            ConfusionMatrix = classes.Classes > MatrixClasses ? null : [.. ((ClassificationSample)all).Confusion.ToArray().Chunk(classes.Classes)],
            Classes = Classes((ClassificationSample)all),
            RocCurve = RocCurve(classes),
            Calibration = Calibration(classes),
        };
    }

    private static WorstRow[] WorstRows(ScoredSet scores, LearningTask task, Func<int, RowView>? view)
    {
        var losses = scores.RowLosses.ToArray();
        var rows = Enumerable.Range(0, losses.Length).ToArray();
        Array.Sort(losses.Select(loss => double.IsNaN(loss) ? double.NegativeInfinity : -loss).ToArray(), rows);
        return [.. rows.Take(WorstRowCount).Select(row =>
        {
            var (truth, prediction) = Answers(scores, task, row);
            var seen = view?.Invoke(row);
            return new WorstRow(row, double.IsFinite(losses[row]) ? losses[row] : null, truth, prediction) { Path = seen?.Path, Values = seen?.Values };
        })];
    }

    private static (string Truth, string Prediction) Answers(ScoredSet scores, LearningTask task, int row)
    {
        switch (scores)
        {
            case ClassificationScores classes:
                return (task.PredictionNames[classes.Labels[row]], task.PredictionNames[classes.Predictions[row]]);
            case TokenScores tokens:
                var (start, words) = (tokens.StartOf(row), tokens.WordsOf(row));
                return (TagsOf(tokens, tokens.Labels.AsSpan(start, words)), TagsOf(tokens, tokens.Predictions.AsSpan(start, words)));
            case AnswerScores answers:
                return (answers.Truths[row] is [var truth, ..] ? truth : "(none)", answers.Answers[row].Length > 0 ? answers.Answers[row] : "(none)");
            case MaskedTokenScores hidden:
                return (Text(hidden.Words[row]) + " hidden", Text(hidden.Right[row]) + " guessed");
            case MultilabelScores labels:
                var separator = ((MultiLabelClassification)task).LabelSeparator ?? MultiLabelClassification.DefaultSeparator;
                return (string.Join(separator, task.PredictionNames.Where((_, k) => labels.Has(row, k))), string.Join(separator, task.PredictionNames.Where((_, k) => labels.Predicts(row, k))));
            case RankingScores ranking:
                return ("1", FormattableString.Invariant($"place {string.Join(", ", ranking.Places(row))} of {ranking.Candidates}"));
            case SimilarityScores pairs:
                return (Text(pairs.Targets[row]), Text(pairs.Cosines[row]));
            default:
                var values = (RegressionScores)scores;
                return (Text(values.Targets[row]), Text(values.Predictions[row]));
        }
        static string Text(double value) => value.ToString("G7", CultureInfo.InvariantCulture);
    }

    /// <summary>The tags of a sentence's words, as many as a person would read.</summary>
    private static string TagsOf(TokenScores scores, ReadOnlySpan<int> tags)
        => string.Join(' ', tags[..Math.Min(tags.Length, WorstRowTags)].ToArray().Select(tag => scores.Tags[tag])) + (tags.Length > WorstRowTags ? " …" : "");

    private static List<ClassEvaluation> Tags(TokenSample sample)
        => [.. Enumerable.Range(0, sample.Scores.Tags.Count).Select(sample.Tag).Select(c => new ClassEvaluation(
            c.Support,
            c.TruePositives + c.FalsePositives == 0 ? null : c.Precision,
            c.Support == 0 ? null : c.Recall,
            c.Support + c.FalsePositives == 0 ? null : c.F1, null, null))];

    private static List<ClassEvaluation> Classes(ClassificationSample sample)
        => [.. Enumerable.Range(0, sample.Classes).Select(k =>
        {
            var (right, support, predicted) = (sample.Confusion[k * sample.Classes + k], sample.TrueRows(k), sample.PredictedRows(k));
            return Figures(right, support, predicted, sample.Ranking(k));
        })];

    private static List<ClassEvaluation> Labels(MultilabelSample sample)
        => [.. Enumerable.Range(0, sample.Labels).Select(k =>
        {
            var counts = sample.Counted(k);
            return Figures(counts.TruePositives, counts.Support, counts.TruePositives + counts.FalsePositives, sample.Ranking(k));
        })];

    private static ClassEvaluation Figures(long right, long support, long predicted, RankingSums ranking) => new(
        support,
        predicted == 0 ? null : (double)right / predicted,
        support == 0 ? null : (double)right / support,
        support + predicted == 0 ? null : 2.0 * right / (support + predicted),
        ranking.Positives == 0 || ranking.Negatives == 0 ? null : ranking.Pairs / ((double)ranking.Positives * ranking.Negatives),
        ranking.Positives == 0 ? null : ranking.Precision / ranking.Positives);

    /// <summary>Evenly spaced rows, the first and the last among them.</summary>
    private static List<PredictedPoint> Points(RegressionScores scores)
    {
        var count = Math.Min(PointCount, scores.Rows);
        var points = new List<PredictedPoint>(count);
        for (var i = 0; i < count; i++)
        {
            var row = count == 1 ? 0 : (int)((long)i * (scores.Rows - 1) / (count - 1));
            if (double.IsFinite(scores.Targets[row]) && double.IsFinite(scores.Predictions[row])) points.Add(new(scores.Targets[row], scores.Predictions[row]));
        }
        return points;
    }

    /// <summary>All corners of the curve, thinned to evenly spaced ones; first and last stay.</summary>
    private static List<RocPoint>? RocCurve(ClassificationScores scores)
    {
        if (scores.PositiveIndex < 0) return null;
        var ranking = scores.Ranking(scores.PositiveIndex);
        var positives = ranking.Count(entry => (entry & 1) != 0);
        var negatives = ranking.Length - positives;
        if (positives == 0 || negatives == 0) return null;
        var points = new List<RocPoint> { new(0, 0, null) };
        int above = 0, below = 0;
        foreach (var entry in ranking)
        {
            if ((entry & 1) != 0) above++;
            else below++;
            if ((entry & 2) != 0) points.Add(new((double)below / negatives, (double)above / positives, Finite(scores.Probability(entry >> 2, scores.PositiveIndex))));
        }
        if (points.Count <= RocPointCount) return points;
        return [.. Enumerable.Range(0, RocPointCount).Select(i => points[(int)((long)i * (points.Count - 1) / (RocPointCount - 1))])];
    }

    private static CalibrationBin[] Calibration(ClassificationScores scores)
    {
        var bins = scores.Bins;
        return [.. Enumerable.Range(0, ClassificationScores.CalibrationBins).Select(bin =>
        {
            var rows = bins.Order[bins.Starts[bin]..bins.Starts[bin + 1]];
            return rows.Length == 0
                ? new CalibrationBin(0, null, null)
                : new CalibrationBin(rows.Length, rows.Average(row => scores.Predictions[row] == scores.Labels[row] ? 1.0 : 0.0), Finite(rows.Average(scores.Confidence)));
        })];
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
