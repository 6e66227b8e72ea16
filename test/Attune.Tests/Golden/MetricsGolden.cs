using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Tests.Golden;

/// <summary>Metrics and significance tests against reference values; one case of a file is one outcome.</summary>
public static class MetricsGolden
{
    private const double Tolerance = 1e-9, PValueTolerance = 1e-6;

    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var folder = Path.Combine(goldenFolder, "metrics");
        if (!Directory.Exists(folder)) yield break;
        foreach (var path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var kind = Path.GetFileNameWithoutExtension(path);
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var (name, check) in Cases(kind, document.RootElement))
            {
                yield return Outcome($"metrics/{kind}/{name}", check);
            }
        }
    }

    private static IEnumerable<(string Name, Action<Checks>? Check)> Cases(string kind, JsonElement root)
    {
        if (kind == "significance")
        {
            foreach (var significance in Significance(root)) yield return significance;
            yield break;
        }
        if (!root.TryGetProperty("cases", out var cases))
        {
            yield return ("all", kind == "ranking" ? checks => Ranking(root, checks) : null);
            yield break;
        }
        var index = 0;
        foreach (var c in cases.EnumerateArray())
        {
            var name = c.TryGetProperty("name", out var n) ? n.GetString()! : index.ToString(CultureInfo.InvariantCulture);
            index++;
            yield return (name, kind switch
            {
                "classification_binary" => checks => Binary(c, checks),
                "classification_multilabel" => checks => Multilabel(c, checks),
                "classification_multiclass" => checks => Multiclass(c, checks),
                "entities" => checks => Entities(c, checks),
                "ranking" => checks => Ranking(c, checks),
                "regression" => checks => Regression(c, checks),
                _ => null,
            });
        }
    }

    private static GoldenOutcome Outcome(string name, Action<Checks>? check)
    {
        if (check is null) return new(name, "pending", "no such kind of metric yet");
        var checks = new Checks();
        try
        {
            check(checks);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            return new(name, "failed", exception.Message);
        }
        if (checks.Problems.Count > 0) return new(name, "failed", string.Join("; ", checks.Problems));
        return checks.Count == 0 ? new(name, "pending", "nothing to check") : new(name, "passed", $"{checks.Count} values");
    }

    private static void Binary(JsonElement c, Checks checks)
    {
        var labels = Ints(c.GetProperty("y_true"));
        var probabilities = Doubles(c.GetProperty("score")).SelectMany(p => new[] { 1 - p, p }).ToArray();
        var scores = new ClassificationScores(labels, probabilities, 2, 1, c.GetProperty("threshold").GetDouble());
        var expected = c.GetProperty("expected");
        foreach (var name in new[] { "accuracy", "balanced_accuracy", "mcc", "roc_auc", "log_loss", "brier" }) checks.Metric(scores, name, expected, name);
        foreach (var name in new[] { "precision", "recall", "f1" }) checks.Metric(scores, name, expected, "binary", name);
        checks.Metric(scores, "pr_auc", expected, "average_precision");
        checks.Metric(scores, "ece", expected, "ece_10", "ece");
        Confusion(scores, expected, checks);
    }

    private static void Multiclass(JsonElement c, Checks checks)
    {
        var classes = c.GetProperty("num_classes").GetInt32();
        var probabilities = c.GetProperty("logits").EnumerateArray().SelectMany(row => Softmax(Doubles(row))).ToArray();
        var scores = new ClassificationScores(Ints(c.GetProperty("y_true")), probabilities, classes);
        var expected = c.GetProperty("expected");
        foreach (var name in new[] { "accuracy", "balanced_accuracy", "mcc", "log_loss" }) checks.Metric(scores, name, expected, name);
        foreach (var name in new[] { "precision", "recall", "f1" }) checks.Metric(scores, name, expected, "macro", name);
        checks.Metric(scores, "roc_auc", expected, "roc_auc_ovr_macro");
        checks.Metric(scores, "pr_auc", expected, "average_precision_macro");
        checks.Metric(scores, "brier", expected, "brier_multiclass_sum");
        checks.Metric(scores, "ece", expected, "ece_10", "ece");
        foreach (var property in expected.EnumerateObject().Where(p => p.Name.StartsWith("top_", StringComparison.Ordinal)))
        {
            var k = int.Parse(property.Name.AsSpan(4), CultureInfo.InvariantCulture);
            checks.Near(property.Name, property.Value.GetDouble(), ((ClassificationSample)scores.NewSample()).Within(k), Tolerance);
        }
        PerClass(Evaluator.Evaluate(scores, new EvaluationSettings { Resamples = 0 }).Classes!, expected, checks);
        Confusion(scores, expected, checks);
    }

    private static void Entities(JsonElement c, Checks checks)
    {
        string[][] Tags(string key) => [.. c.GetProperty(key).EnumerateArray().Select(row => row.EnumerateArray().Select(t => t.GetString()!).ToArray())];
        var (truth, predicted, expected) = (Tags("y_true"), Tags("y_pred"), c.GetProperty("expected"));
        var tags = TokenClassification.Sort(truth.Concat(predicted).SelectMany(row => row).Append("O").Append("B-other").Distinct(StringComparer.Ordinal)).ToList();
        int[] Indices(string[][] rows) => [.. rows.SelectMany(row => row.Select(tag => tags.IndexOf(tag)))];
        double[] probabilities = [.. Indices(predicted).SelectMany(tag => Enumerable.Range(0, tags.Count).Select(k => k == tag ? 1.0 : 0))];
        int[] starts = [0, .. truth.Select((_, i) => truth.Take(i + 1).Sum(row => row.Length))];
        var scores = new TokenScores(new TokenClassification(tags), Indices(truth), probabilities, starts);
        foreach (var (metric, key) in new[] { ("entity_precision", "precision"), ("entity_recall", "recall"), ("entity_f1", "f1_micro"), ("entity_f1_macro", "f1_macro"), ("token_accuracy", "token_accuracy") })
            checks.Metric(scores, metric, expected, "default", key);
        checks.Metric(scores, "entity_f1_strict", expected, "strict_IOB2", "f1_micro");
        var sample = (TokenSample)scores.NewSample();
        foreach (var (strict, mode) in new[] { (false, "default"), (true, "strict_IOB2") })
        {
            if (!expected.TryGetProperty(mode, out var figures)) continue;
            var (types, all) = (sample.Entities(strict), sample.AllEntities(strict));
            double Weighted(Func<LabelCounts, double> figure) => types.Sum(t => t.Counts.Support) is > 0 and var support ? types.Sum(t => t.Counts.Support * figure(t.Counts)) / support : 0;
            void Near(string key, double actual)
            {
                if (figures.TryGetProperty(key, out var value)) checks.Near($"{mode}.{key}", value.GetDouble(), actual, Tolerance);
            }
            Near("precision", all.Precision);
            Near("recall", all.Recall);
            Near("f1_macro", types.Count == 0 ? 0 : types.Average(t => t.Counts.F1));
            Near("f1_weighted", Weighted(t => t.F1));
            if (!figures.TryGetProperty("per_type", out var perType)) continue;
            foreach (var type in perType.EnumerateObject())
            {
                var counts = types.FirstOrDefault(t => t.Type == type.Name).Counts;
                checks.Near($"{type.Name}.precision", type.Value.GetProperty("precision").GetDouble(), counts.Precision, Tolerance);
                checks.Near($"{type.Name}.recall", type.Value.GetProperty("recall").GetDouble(), counts.Recall, Tolerance);
                checks.Near($"{type.Name}.f1", type.Value.GetProperty("f1-score").GetDouble(), counts.F1, Tolerance);
                checks.Near($"{type.Name}.support", type.Value.GetProperty("support").GetDouble(), counts.Support, Tolerance);
            }
        }
        Spans("entities_true", truth);
        Spans("entities_pred", predicted);

        void Spans(string key, string[][] rows)
        {
            if (!expected.TryGetProperty(key, out var lists)) return;
            var reader = new EntitySpans(tags);
            for (var row = 0; row < rows.Length; row++)
            {
                var found = reader.Of(Indices([rows[row]])).Select(e => $"{reader.Types[e.Type]} {e.First} {e.Last}");
                var wanted = lists[row].EnumerateArray().Select(e => $"{e[0].GetString()} {e[1].GetInt32()} {e[2].GetInt32()}");
                checks.Near($"{key} {row} ({string.Join(", ", found)})", 1, found.SequenceEqual(wanted) ? 1 : 0, Tolerance);
            }
        }
    }

    private static void PerClass(IReadOnlyList<ClassEvaluation> classes, JsonElement expected, Checks checks)
    {
        if (!expected.TryGetProperty("per_class", out var figures)) return;
        for (var k = 0; k < classes.Count; k++)
        {
            // The reference writes 0 where we say that there is no such figure.
            checks.Near($"precision[{k}]", figures.GetProperty("precision")[k].GetDouble(), classes[k].Precision ?? 0, Tolerance);
            checks.Near($"recall[{k}]", figures.GetProperty("recall")[k].GetDouble(), classes[k].Recall ?? 0, Tolerance);
            checks.Near($"f1[{k}]", figures.GetProperty("f1")[k].GetDouble(), classes[k].F1 ?? 0, Tolerance);
            checks.Near($"support[{k}]", figures.GetProperty("support")[k].GetDouble(), classes[k].Support, Tolerance);
        }
    }

    private static void Multilabel(JsonElement c, Checks checks)
    {
        var truth = c.GetProperty("y_true").EnumerateArray().ToArray();
        var labels = truth[0].GetArrayLength();
        var scores = new MultilabelScores([.. truth.SelectMany(row => row.EnumerateArray().Select(y => (float)y.GetInt32()))],
            [.. c.GetProperty("score").EnumerateArray().SelectMany(Doubles)], labels, c.GetProperty("threshold").GetDouble());
        var expected = c.GetProperty("expected");
        foreach (var name in new[] { "subset_accuracy", "hamming_loss", "label_ranking_average_precision", "coverage_error" }) checks.Metric(scores, name, expected, name);
        foreach (var average in new[] { "macro", "micro", "weighted", "samples" })
        {
            foreach (var figure in new[] { "precision", "recall", "f1" }) checks.Metric(scores, $"{figure}_{average}", expected, average, figure);
            if (average == "samples") continue;
            checks.Metric(scores, $"roc_auc_{average}", expected, $"roc_auc_{average}");
            checks.Metric(scores, $"pr_auc_{average}", expected, $"average_precision_{average}");
        }
        var sample = (MultilabelSample)scores.NewSample();
        var cells = expected.GetProperty("multilabel_confusion_matrix");
        for (var k = 0; k < labels; k++)
        {
            var counts = sample.Counted(k);
            long[] mine = [counts.TrueNegatives, counts.FalsePositives, counts.FalseNegatives, counts.TruePositives];
            for (var i = 0; i < 4; i++) checks.Near($"confusion[{k}][{i}]", cells[k][i / 2][i % 2].GetDouble(), mine[i], Tolerance);
        }
        // The reference leaves some rows out of this figure alone, and says which.
        var left = c.TryGetProperty("note", out var note) ? Regex.Matches(note.GetString()!, @"leaves out row (\d+)").Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray() : [];
        sample.Take([.. truth.Select((_, row) => left.Contains(row) ? 0 : 1)]);
        foreach (var property in expected.EnumerateObject().Where(p => p.Name.StartsWith("ndcg", StringComparison.Ordinal)))
        {
            var first = property.Name == "ndcg" ? labels : int.Parse(property.Name.AsSpan("ndcg_at_".Length), CultureInfo.InvariantCulture);
            checks.Near(property.Name, property.Value.GetDouble(), sample.Mean(scores.Gains(first)), Tolerance);
        }
    }

    private static void Regression(JsonElement c, Checks checks)
    {
        var scores = new RegressionScores(Doubles(c.GetProperty("y_true")), Doubles(c.GetProperty("y_pred")));
        foreach (var name in new[] { "rmse", "mae", "r2", "mape" }) checks.Metric(scores, name, c.GetProperty("expected"), name);
    }

    private static void Ranking(JsonElement c, Checks checks)
    {
        var rows = c.GetProperty("score").EnumerateArray().Select(Doubles).ToArray();
        var scores = RankingScores.Of([.. c.GetProperty("relevance").EnumerateArray().SelectMany(Ints).Select(y => y != 0)], [.. rows.SelectMany(r => r).Select(x => (float)x)], rows[0].Length);
        var sample = (RankingSample)scores.NewSample();
        var expected = c.GetProperty("expected");
        checks.Metric(scores, "mrr", expected, "mrr");
        checks.Metric(scores, "mean_average_precision", expected, "map");
        foreach (var property in expected.EnumerateObject().Where(p => p.Name.Contains('@', StringComparison.Ordinal)))
        {
            var at = property.Name.IndexOf('@', StringComparison.Ordinal);
            var k = int.Parse(property.Name.AsSpan(at + 1), CultureInfo.InvariantCulture);
            var figures = property.Name[..at] switch
            {
                "recall" => scores.Recalls(k),
                "precision" => scores.Precisions(k),
                "ndcg" => scores.Gains(k),
                "hit" => [.. scores.Recalls(k).Select(r => r > 0 ? 1.0 : 0.0)],
                _ => throw new FormatException($"'{property.Name}' is no figure of a ranking."),
            };
            checks.Near(property.Name, property.Value.GetDouble(), sample.Mean(figures), Tolerance);
            if (MetricCatalog.Find($"{property.Name[..at]}_at_{k}") is { } metric) checks.Metric(scores, metric.Name, expected, property.Name);
        }
    }

    private static void Confusion(ClassificationScores scores, JsonElement expected, Checks checks)
    {
        if (!expected.TryGetProperty("confusion_matrix", out var matrix)) return;
        var counts = ((ClassificationSample)scores.NewSample()).Confusion.ToArray();
        var cells = matrix.EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(cell => cell.GetDouble()).ToArray();
        for (var i = 0; i < cells.Length; i++) checks.Near($"confusion_matrix[{i}]", cells[i], counts[i], Tolerance);
    }

    private static IEnumerable<(string Name, Action<Checks>? Check)> Significance(JsonElement root)
    {
        foreach (var property in root.EnumerateObject())
        {
            var value = property.Value;
            Action<Checks>? check = property.Name switch
            {
                "accuracy_difference" => checks => Differences(root, value, "accuracy", checks),
                "macro_f1_difference" => checks => Differences(root, value, "f1", checks),
                "mcnemar" => checks => checks.Near("exact_pvalue", value.GetProperty("exact_pvalue").GetDouble(),
                    McNemar.ExactP(value.GetProperty("a_right_b_wrong").GetInt64(), value.GetProperty("a_wrong_b_right").GetInt64()), PValueTolerance),
                "scores" => checks =>
                {
                    var test = value.GetProperty("paired_t");
                    checks.Near("paired_t.pvalue", test.GetProperty("pvalue").GetDouble(),
                        StudentDistribution.TwoSided(test.GetProperty("statistic").GetDouble(), test.GetProperty("df").GetDouble()), PValueTolerance);
                    var a = Doubles(value.GetProperty("a"));
                    var deviation = Math.Sqrt(a.Sum(x => (x - a.Average()) * (x - a.Average())) / (a.Length - 1));
                    var half = StudentDistribution.Quantile(0.975, a.Length - 1) * deviation / Math.Sqrt(a.Length);
                    var expected = Doubles(value.GetProperty("mean_ci95_t_a"));
                    checks.Near("mean_ci95_t_a.low", expected[0], a.Average() - half, Tolerance);
                    checks.Near("mean_ci95_t_a.high", expected[1], a.Average() + half, Tolerance);
                },
                "wilson_interval" => checks =>
                {
                    var interval = WilsonInterval.Of(value.GetProperty("successes").GetInt64(), value.GetProperty("n").GetInt64());
                    var expected = Doubles(value.GetProperty("ci95"));
                    checks.Near("low", expected[0], interval.Low, Tolerance);
                    checks.Near("high", expected[1], interval.High, Tolerance);
                },
                _ => null,
            };
            if (check is not null) yield return (property.Name, check);
        }
    }

    private static void Differences(JsonElement root, JsonElement expected, string metricName, Checks checks)
    {
        var metric = MetricCatalog.Find(metricName)!;
        var labels = Ints(root.GetProperty("y_true"));
        ClassificationScores a = OneHot(labels, Ints(root.GetProperty("pred_a"))), b = OneHot(labels, Ints(root.GetProperty("pred_b")));
        var perResample = Doubles(expected.GetProperty("per_resample"));
        var differences = new List<double>();
        foreach (var indices in root.GetProperty("resample_indices").EnumerateArray())
        {
            var counts = new int[labels.Length];
            foreach (var index in Ints(indices)) counts[index]++;
            differences.Add(metric.Compute(a, counts).Value!.Value - metric.Compute(b, counts).Value!.Value);
            checks.Near($"per_resample[{differences.Count - 1}]", perResample[differences.Count - 1], differences[^1], Tolerance);
        }
        checks.Near("mean", expected.GetProperty("mean").GetDouble(), differences.Average(), Tolerance);
        var sorted = differences.Order().ToArray();
        var interval = Doubles(expected.GetProperty("ci95_percentile_linear"));
        checks.Near("ci95.low", interval[0], Quantile.Linear(sorted, 0.025), Tolerance);
        checks.Near("ci95.high", interval[1], Quantile.Linear(sorted, 0.975), Tolerance);
    }

    private static ClassificationScores OneHot(int[] labels, int[] predictions)
    {
        var classes = Math.Max(labels.Max(), predictions.Max()) + 1;
        var probabilities = new double[labels.Length * classes];
        for (var row = 0; row < labels.Length; row++) probabilities[row * classes + predictions[row]] = 1;
        return new ClassificationScores(labels, probabilities, classes);
    }

    private static double[] Softmax(double[] logits)
    {
        var max = logits.Max();
        var exponentials = logits.Select(x => Math.Exp(x - max)).ToArray();
        return [.. exponentials.Select(e => e / exponentials.Sum())];
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetInt32())];

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetDouble())];

    private sealed class Checks
    {
        public int Count { get; private set; }

        public List<string> Problems { get; } = [];

        public void Metric(ScoredSet scores, string metric, JsonElement expected, params string[] path)
        {
            foreach (var key in path)
            {
                if (!expected.TryGetProperty(key, out expected)) return;
            }
            var value = MetricCatalog.Find(metric)!.Compute(scores);
            if (value.Value is { } number) Near(metric, expected.GetDouble(), number, Tolerance);
            else Problems.Add($"{metric}: expected {expected.GetRawText()}, got none: {value.Reason}");
        }

        public void Near(string what, double expected, double actual, double tolerance)
        {
            Count++;
            if (!(Math.Abs(expected - actual) <= tolerance * Math.Max(Math.Abs(expected), 1e-3)))
                Problems.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: expected {expected:R}, got {actual:R}"));
        }
    }
}
