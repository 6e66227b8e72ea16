using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.Options;
using Attune.Runs;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Tests.Reports;

/// <summary>Run folders with made-up but plausible results, written through the real records: what a report is tested on and looked at with.</summary>
internal static class SampleRuns
{
    public const string Hostile = "<script>alert(\"x\")</script> & 'it'";

    /// <summary>Two classes, 2,000 test rows, better than its baseline.</summary>
    public static RunFolder Binary(string path, string[]? classes = null, string target = "diagnosis")
    {
        var task = new Classification(target, classes ?? ["benign", "malignant"], (classes ?? ["benign", "malignant"])[1]);
        return Classifier(path, task, 2000, 2.2, 1.5, "logistic", 40);
    }

    /// <summary>Letters A to Z (or as many classes as asked for), fine-tuned from an earlier run.</summary>
    public static RunFolder Letters(string path, int classes = 26)
    {
        string[] names = classes == 26 ? [.. Enumerable.Range(0, 26).Select(i => ((char)('A' + i)).ToString())] : [.. Enumerable.Range(0, classes).Select(i => $"class {i:000}")];
        return Classifier(path, new Classification("lettr", names, null), 2600, 5, 4.4, "runs/letters-a-to-m", 60);
    }

    /// <summary>Prices, with a funnel in the residuals; no evidence of a difference.</summary>
    public static RunFolder Prices(string path)
    {
        const int rows = 3000;
        var random = new Sequence(7);
        double[] truth = new double[rows], after = new double[rows], before = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            truth[i] = Math.Exp(7.6 + 0.9 * random.Normal());
            after[i] = truth[i] * (1 + 0.12 * random.Normal()) + 60;
            before[i] = truth[i] * (1 + 0.12 * random.Normal()) + 40;
        }
        return Write(path, new Regression("price", 3900, 3900), new RegressionScores(truth, before), new RegressionScores(truth, after), "linear", 25, null);
    }

    /// <summary>Four labels, one of which no row has; the last one's name is hostile. Rows are pictures when <paramref name="paths"/> is set, else they have two values.</summary>
    public static RunFolder Labels(string path, bool paths = false)
    {
        const int rows = 500;
        var task = MultiLabelClassification.OfJoined("tags", ["cat", "dog", "never", Hostile], ";");
        var random = new Sequence(5);
        var truth = new float[rows * 4];
        double[] after = new double[truth.Length], before = new double[truth.Length];
        for (var i = 0; i < truth.Length; i++)
        {
            truth[i] = i % 4 != 2 && random.Uniform() < 0.3 ? 1 : 0;
            after[i] = 1 / (1 + Math.Exp(1 - 3 * truth[i] - random.Normal()));
            before[i] = 1 / (1 + Math.Exp(1 - truth[i] - random.Normal()));
        }
        Func<int, RowView> view = paths ? row => new RowView($"photos/{row}.jpg", null) : row => new RowView(null, new Dictionary<string, string> { ["size"] = $"{row}", [Hostile] = Hostile });
        return Write(path, task, new MultilabelScores(truth, before, 4), new MultilabelScores(truth, after, 4), "logistic", 10, null, view);
    }

    /// <summary>What is there when a run was killed before its first checkpoint.</summary>
    public static RunFolder Interrupted(string path)
    {
        var folder = Binary(path);
        File.Delete(folder.EvaluationFile);
        File.Delete(folder.VerdictFile);
        var run = folder.ReadRun();
        run.Remove("result");
        folder.WriteRun(run, "interrupted");
        return folder;
    }

    private static RunFolder Classifier(string path, Classification task, int rows, double skill, double skillBefore, string before, int epochs)
    {
        var random = new Sequence(3);
        var k = task.Classes.Count;
        var labels = new int[rows];
        double[] after = new double[rows * k], earlier = new double[rows * k];
        for (var row = 0; row < rows; row++)
        {
            labels[row] = k == 2 ? (random.Uniform() < 0.37 ? 1 : 0) : (int)(random.Uniform() * k);
            Softmax(after.AsSpan(row * k, k), labels[row], skill, random);
            Softmax(earlier.AsSpan(row * k, k), labels[row], skillBefore, random);
        }
        var counts = task.Classes.Select((name, c) => (name, n: labels.Count(l => l == c))).ToDictionary(x => x.name, x => new[] { 3 * x.n, x.n, x.n });
        return Write(path, task, new ClassificationScores(labels, earlier, k, task.PositiveIndex), new ClassificationScores(labels, after, k, task.PositiveIndex), before, epochs, counts);
    }

    private static void Softmax(Span<double> row, int label, double skill, Sequence random)
    {
        double sum = 0;
        for (var c = 0; c < row.Length; c++)
        {
            var near = Math.Abs(c - label) == 1 ? skill * 0.35 : 0;   // neighbours are confused more often
            sum += row[c] = Math.Exp((c == label ? skill : near) + 1.3 * random.Normal());
        }
        for (var c = 0; c < row.Length; c++) row[c] /= sum;
    }

    private static RunFolder Write(string path, LearningTask task, ScoredSet before, ScoredSet after, string beforeName, int epochs, Dictionary<string, int[]>? classes, Func<int, RowView>? view = null)
    {
        var settings = new EvaluationSettings { Resamples = 100 };
        var folder = RunFolder.Create(path);
        var test = Evaluator.Evaluate(after, settings, task, view);
        var baseline = new BaselineEvaluation(true, new Dictionary<string, SplitEvaluation> { ["test"] = Evaluator.Evaluate(before, settings, task) });
        var isBaseline = !beforeName.StartsWith("runs/", StringComparison.Ordinal);
        var report = EvaluationReport.Of(task, new Dictionary<string, SplitEvaluation> { ["test"] = test, ["validation"] = test, ["train"] = test },
            isBaseline ? new Dictionary<string, BaselineEvaluation> { [beforeName] = baseline } : null);
        File.WriteAllText(folder.EvaluationFile, report.ToJson() + "\n");
        File.WriteAllText(folder.VerdictFile, VerdictMaker.Compare(before, beforeName, after, "tuned", task.DefaultMetric, settings).ToJson() + "\n");
        File.WriteAllText(folder.SplitFile, Split(after.Rows, classes, task.Target).ToJson() + "\n");
        File.WriteAllText(folder.EventsFile, Events(epochs));
        folder.WriteRun(Run(task, beforeName, epochs, after.Rows * 5), "complete");
        return folder;
    }

    private static SplitReport Split(int test, Dictionary<string, int[]>? classes, string target)
    {
        var assignment = new byte[test * 5];
        for (var i = 0; i < assignment.Length; i++) assignment[i] = (byte)(i % 5 == 0 ? 2 : i % 5 == 1 ? 1 : 0);
        return new SplitReport
        {
            Method = classes is null ? "stratified by target decile" : "stratified by class",
            Seed = 1,
            Rows = assignment.Length,
            Train = test * 3,
            Validation = test,
            Test = test,
            Columns = ["radius", "texture", target],
            Classes = classes,
            CopiesKeptTogether = 14,
            ExactDuplicates = new DuplicateReport(0, 0, []),
            NearDuplicates = new DuplicateReport(3, 2, ["Row 17 (train) and row 81 (test) differ only after the third digit."]),
            Assignment = SplitReport.Pack(assignment),
        };
    }

    private static string Events(int epochs)
    {
        var random = new Sequence(11);
        var lines = new StringBuilder();
        var best = double.PositiveInfinity;
        const int perEpoch = 94;
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            for (var step = epoch * perEpoch + 1; step <= (epoch + 1) * perEpoch; step++)
            {
                var rate = 1e-3 * (step < 200 ? step / 200.0 : 0.5 * (1 + Math.Cos(Math.PI * step / (epochs * perEpoch))));
                if (step % Math.Max(1, epochs * perEpoch / 500) == 0)
                    lines.Append(CultureInfo.InvariantCulture, $"{{\"type\":\"step\",\"step\":{step},\"epoch\":{epoch},\"loss\":{0.12 + 0.55 * Math.Exp(-step / 500.0) + 0.03 * Math.Abs(random.Normal()):R},\"learningRate\":{rate:R}}}\n");
            }
            var loss = 0.16 + 0.5 * Math.Exp(-epoch / 6.0) + 0.0012 * Math.Max(0, epoch - 18) + 0.004 * random.Normal();
            var isBest = loss < best;
            best = Math.Min(best, loss);
            lines.Append(CultureInfo.InvariantCulture, $"{{\"type\":\"epoch\",\"epoch\":{epoch},\"step\":{(epoch + 1) * perEpoch},\"trainLoss\":{0.13 + 0.5 * Math.Exp(-epoch / 5.0):R},\"validationLoss\":{loss:R},\"metric\":{loss:R},\"best\":{(isBest ? "true" : "false")},\"learningRate\":0.0005,\"gradientNorm\":0.4}}\n");
        }
        return lines.ToString();
    }

    private static JsonObject Run(LearningTask task, string before, int epochs, int rows) => new()
    {
        ["status"] = "running",
        ["attune"] = "0.1.0",
        ["started"] = "2026-11-23T20:00:00Z",
        ["command"] = $"attune tune --data samples/data/table.csv --target '{task.Target}' --out runs/sample --epochs {epochs + 20}",
        ["environment"] = "attune 0.1.0; .NET 10; SIMD 256; threads 1",
        ["options"] = OptionsReader.Save(new RunOptions
        {
            Out = "runs/sample",
            Data = new DataOptions { Path = "samples/data/table.csv", Target = task.Target },
            Model = new ModelOptions { Path = before.StartsWith("runs/", StringComparison.Ordinal) ? before : null },
            Training = new TrainingOptions { Epochs = epochs + 20 },
        }),
        ["chosen"] = new JsonObject
        {
            ["task"] = task.Name,
            ["metric"] = task.DefaultMetric,
            ["loss"] = task.DefaultLoss,
            ["epochs"] = epochs + 20,
            ["batch-size"] = 64,
            ["learning-rate"] = 0.001,
            ["patience"] = 20,
            ["parameters"] = 13_378,
            ["trainable"] = 13_378,
        },
        ["data"] = new JsonObject { ["data.path"] = new JsonObject { ["sha256"] = string.Concat(Enumerable.Repeat("9f86d081884c7d65", 4)), ["bytes"] = 1_234_567, ["rows"] = rows, ["columns"] = 32 } },
        ["notes"] = new JsonArray($"Column 'id' is left out: id (every value differs). Use it with --set data.columns.id=category or numeric.", $"Column '{Hostile}': 12 test rows hold a value not seen in training; they are encoded as unknown."),
        ["result"] = new JsonObject { ["steps"] = epochs * 94, ["epochs"] = epochs, ["bestEpoch"] = 22, ["bestMetric"] = 0.1612 },
    };

    /// <summary>A small generator of its own (xorshift64*), so that samples never change with a library.</summary>
    private sealed class Sequence(ulong seed)
    {
        private ulong _state = seed * 0x9E3779B97F4A7C15UL + 1;

        public double Uniform()
        {
            _state ^= _state >> 12;
            _state ^= _state << 25;
            _state ^= _state >> 27;
            return ((_state * 0x2545F4914F6CDD1DUL) >> 11) * (1.0 / (1UL << 53));
        }

        public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());
    }
}
