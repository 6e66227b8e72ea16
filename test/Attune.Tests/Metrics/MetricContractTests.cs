using Attune.Metrics;
using Attune.Randomness;
using Attune.Tasks;

namespace Attune.Tests.Metrics;

/// <summary>What every metric of the catalog promises.</summary>
public sealed class MetricContractTests
{
    public static TheoryData<string, MetricTasks> Cases()
    {
        var data = new TheoryData<string, MetricTasks>();
        foreach (var metric in MetricCatalog.All)
        {
            foreach (var kind in new[] { MetricTasks.Answers, MetricTasks.Binary, MetricTasks.MaskedTokens, MetricTasks.Multiclass, MetricTasks.Multilabel, MetricTasks.Ranking, MetricTasks.Regression, MetricTasks.Similarity, MetricTasks.Tokens })
            {
                if ((metric.Tasks & kind) != 0) data.Add(metric.Name, kind);
            }
        }
        return data;
    }

    [Fact]
    public void Catalog_is_alphabetical_complete_and_found_by_name()
    {
        Assert.Equal(MetricCatalog.All.Select(m => m.Name).Order(StringComparer.Ordinal), MetricCatalog.All.Select(m => m.Name));
        var types = typeof(Metric).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Metric)) && !t.IsAbstract);
        Assert.Equal(types.OrderBy(t => t.Name), MetricCatalog.All.Select(m => m.GetType()).OrderBy(t => t.Name));
        Assert.All(MetricCatalog.All, m => Assert.Same(m, MetricCatalog.Find(m.Name)));
        var error = Assert.Throws<OptionsException>(() => MetricCatalog.Get("log_los", MetricTasks.Binary));
        Assert.Contains("'log_loss'", error.Message, StringComparison.Ordinal);
        Assert.Throws<OptionsException>(() => MetricCatalog.Get("rmse", MetricTasks.Binary));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Counts_of_one_change_nothing_and_doubled_counts_neither(string name, MetricTasks kind)
    {
        var metric = MetricCatalog.Find(name)!;
        var scores = Random(kind, 200, 1);
        var plain = metric.Compute(scores).Value!.Value;
        Assert.Equal(plain, metric.Compute(scores, Enumerable.Repeat(1, 200).ToArray()).Value!.Value);
        Assert.Equal(plain, metric.Compute(scores, Enumerable.Repeat(2, 200).ToArray()).Value!.Value, 1e-12 * Math.Max(1, Math.Abs(plain)));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Counted_rows_equal_repeated_rows(string name, MetricTasks kind)
    {
        var metric = MetricCatalog.Find(name)!;
        var scores = Random(kind, 60, 2);
        var stream = new Philox(5, "counts");
        var counts = Enumerable.Range(0, 60).Select(i => (int)stream.Below((ulong)i, 3)).ToArray();
        var rows = Enumerable.Range(0, 60).SelectMany(row => Enumerable.Repeat(row, counts[row])).ToArray();
        Assert.Equal(metric.Compute(Pick(scores, rows)).Value!.Value, metric.Compute(scores, counts).Value!.Value, 1e-9);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_reused_sample_forgets_the_resample_before(string name, MetricTasks kind)
    {
        var metric = MetricCatalog.Find(name)!;
        var scores = Random(kind, 100, 3);
        var sample = scores.NewSample();
        var first = metric.Compute(sample);
        sample.Take([.. Enumerable.Range(0, 100).Select(i => i % 3)]);
        metric.Compute(sample);
        sample.Take([.. Enumerable.Repeat(1, 100)]);
        Assert.Equal(first, metric.Compute(sample));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Perfect_predictions_are_best_in_the_declared_direction(string name, MetricTasks kind)
    {
        var metric = MetricCatalog.Find(name)!;
        var perfect = metric.Compute(Perfect(kind, 90)).Value!.Value;
        for (var seed = 0UL; seed < 5; seed++)
        {
            var noisy = metric.Compute(Random(kind, 90, seed)).Value!.Value;
            Assert.True(metric.HigherIsBetter ? perfect > noisy : perfect < noisy, $"{name}: perfect {perfect}, noisy {noisy}");
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void No_rows_give_no_value_but_a_reason(string name, MetricTasks kind)
    {
        var metric = MetricCatalog.Find(name)!;
        foreach (var value in new[] { metric.Compute(Random(kind, 0, 1)), metric.Compute(Random(kind, 5, 1), new int[5]) })
        {
            Assert.Null(value.Value);
            Assert.NotEmpty(value.Reason!);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Broken_predictions_never_give_NaN(string name, MetricTasks kind)
    {
        ScoredSet scores = kind == MetricTasks.Regression
            ? new RegressionScores([1, 2, 3], [double.NaN, double.PositiveInfinity, 0])
            : kind == MetricTasks.Tokens
            ? new TokenScores(_tags, [0, 1, 2], [.. Enumerable.Repeat(double.NaN, 3 * _tags.Tags.Count)], [0, 2, 3])
            : kind == MetricTasks.Ranking
            ? RankingScores.Of([true, false, false, true], [float.NaN, 1, float.NegativeInfinity, float.NaN], 2)
            : kind == MetricTasks.Similarity
            ? new SimilarityScores([0, 0.5, 1], [double.NaN, double.PositiveInfinity, 0])
            : kind == MetricTasks.Answers
            ? new AnswerScores(["a", "b"], [[""], ["?!"]], ["", "the"])
            : kind == MetricTasks.MaskedTokens
            ? new MaskedTokenScores([3, 4, 5], [float.NaN, 0, float.NegativeInfinity, 0, -1, 1], [0, 2, 3])
            : kind == MetricTasks.Multilabel
            ? new MultilabelScores([0, 1, 1, 0, 0, 0], [double.NaN, double.NaN, double.PositiveInfinity, double.NaN, 0.5, double.NaN], 2)
            : new ClassificationScores([0, 1, 0], [.. Enumerable.Repeat(double.NaN, kind == MetricTasks.Binary ? 6 : 9)], kind == MetricTasks.Binary ? 2 : 3);
        var value = MetricCatalog.Find(name)!.Compute(scores);
        Assert.True(value.Value is null ? value.Reason is not null : double.IsFinite(value.Value.Value));
    }

    [Theory]
    [InlineData("roc_auc")]
    [InlineData("pr_auc")]
    [InlineData("recall")]
    [InlineData("precision")]
    [InlineData("f1")]
    [InlineData("mcc")]
    [InlineData("balanced_accuracy")]
    public void Only_the_negative_class_gives_no_value_but_a_reason(string name)
    {
        var value = MetricCatalog.Find(name)!.Compute(new ClassificationScores([0, 0, 0], [0.9, 0.1, 0.4, 0.6, 0.8, 0.2], 2, 1));
        Assert.Null(value.Value);
        Assert.NotEmpty(value.Reason!);
    }

    [Fact]
    public void Two_classes_look_at_the_positive_one()
    {
        float[] probabilities = [0.9f, 0.1f, 0.2f, 0.8f, 0.6f, 0.4f];
        var first = new ClassificationScores([0, 1, 1], probabilities, 2, 0);
        var second = new ClassificationScores([0, 1, 1], probabilities, 2, 1);
        Assert.Equal(1.0, new Recall().Compute(first).Value);
        Assert.Equal(0.5, new Recall().Compute(second).Value);
    }

    [Fact]
    public void A_metric_refuses_the_other_kind_of_rows()
    {
        Assert.Throws<ArgumentException>(() => new Rmse().Compute(Random(MetricTasks.Binary, 5, 1)));
        Assert.Throws<ArgumentException>(() => new Accuracy().Compute(Random(MetricTasks.Regression, 5, 1)));
        Assert.Throws<ArgumentException>(() => new ClassificationScores([0, 2], new float[4], 2));
        Assert.Throws<ArgumentException>(() => new ClassificationScores([0, 1], new float[3], 2));
        Assert.Throws<ArgumentException>(() => new RegressionScores([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => new F1Macro().Compute(Random(MetricTasks.Multiclass, 5, 1)));
        Assert.Throws<ArgumentException>(() => new LogLoss().Compute(Random(MetricTasks.Regression, 5, 1)));
        Assert.Throws<ArgumentException>(() => new MultilabelScores(new float[4], new float[6], 2));
        Assert.Throws<ArgumentException>(() => new MultilabelScores([0, 0.5f], new float[2], 2));
    }

    private static readonly TokenClassification _tags = new(["O", "B-a", "B-b", "I-a", "I-b"]);

    internal static ScoredSet Random(MetricTasks kind, int rows, ulong seed)
    {
        var stream = new Philox(seed, "scores");
        if (kind == MetricTasks.Regression)
        {
            var targets = Enumerable.Range(0, rows).Select(i => stream.Normal(2 * (ulong)i) + 5).ToArray();
            return new RegressionScores(targets, [.. targets.Select((y, i) => y + 0.5 * stream.Normal(2 * (ulong)i + 1))]);
        }
        if (kind == MetricTasks.Similarity)
        {
            var alike = Enumerable.Range(0, rows).Select(i => stream.Below(2 * (ulong)i, 6) / 5.0).ToArray();
            return new SimilarityScores(alike, [.. alike.Select((y, i) => Math.Round(y + 0.5 * stream.Normal(2 * (ulong)i + 1), 1))]);   // rounded: ties happen
        }
        if (kind == MetricTasks.Ranking)
            return Ranked([.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(1, Candidates).Where(place => stream.Below((ulong)(row * Candidates + place), 5) == 0).DefaultIfEmpty(Candidates).ToArray())]);
        if (kind == MetricTasks.Multilabel)
        {
            const int width = 6;
            var truth = Enumerable.Range(0, rows * width).Select(i => stream.Below((ulong)i, 5) < 1 + (i % width) / 2 ? 1f : 0f).ToArray();
            return new MultilabelScores(truth, [.. truth.Select((y, i) => Math.Round(1 / (1 + Math.Exp(-(stream.Normal(100_000 + (ulong)i) + 2 * y - 1))), 1))], width);   // rounded: ties happen
        }
        if (kind == MetricTasks.Tokens)
        {
            int[] lengths = [.. Enumerable.Range(0, rows).Select(i => (int)stream.Below(200_000 + (ulong)i, 9))];
            int[] starts = [0, .. lengths.Select((_, i) => lengths.Take(i + 1).Sum())];
            int[] tags = [.. Enumerable.Range(0, starts[^1]).Select(i => (int)stream.Below((ulong)i, 5))];
            return new TokenScores(_tags, tags, [.. tags.SelectMany((tag, i) => Enumerable.Range(0, 5).Select(k => Math.Exp(stream.Normal(300_000 + (ulong)(5 * i + k)) + (k == tag ? 2 : 0)) / 10))], starts);
        }
        if (kind == MetricTasks.Answers)
        {
            string Words(ulong from) => string.Join(' ', Enumerable.Range(0, 1 + (int)stream.Below(from, 4)).Select(i => $"w{stream.Below(from + 1 + (ulong)i, 5)}"));
            return new AnswerScores([.. Enumerable.Range(0, rows).Select(i => $"q{i}")], [.. Enumerable.Range(0, rows).Select(i => new[] { Words(10 * (ulong)i) })], [.. Enumerable.Range(0, rows).Select(i => Words(500_000 + 10 * (ulong)i))]);
        }
        if (kind == MetricTasks.MaskedTokens)
        {
            int[] starts = [0, .. Enumerable.Range(1, rows).Select(i => Enumerable.Range(0, i).Sum(j => (int)stream.Below(200_000 + (ulong)j, 9)))];
            return new MaskedTokenScores([.. Enumerable.Range(0, starts[^1]).Select(i => (int)stream.Below((ulong)i, 50))],
                [.. Enumerable.Range(0, starts[^1]).SelectMany(i => new[] { -(float)Math.Abs(stream.Normal(300_000 + (ulong)i)), stream.Below(400_000 + (ulong)i, 2) })], starts);
        }
        var classes = kind == MetricTasks.Binary ? 2 : 6;
        var labels = new int[rows];
        var probabilities = new double[rows * classes];
        for (var row = 0; row < rows; row++)
        {
            labels[row] = (int)stream.Below((ulong)row, classes);
            double sum = 0;
            for (var k = 0; k < classes; k++)
            {
                var score = Math.Round(Math.Exp(stream.Normal((ulong)(1000 + row * classes + k)) + (k == labels[row] ? 1 : 0)), 1) + 0.05;   // rounded: ties happen
                sum += probabilities[row * classes + k] = score;
            }
            for (var k = 0; k < classes; k++) probabilities[row * classes + k] /= sum;
        }
        return new ClassificationScores(labels, probabilities, classes, classes == 2 ? 1 : -1);
    }

    private static ScoredSet Perfect(MetricTasks kind, int rows)
    {
        if (kind == MetricTasks.Ranking) return Ranked([.. Enumerable.Repeat<int[]>([1], rows)]);
        if (Random(kind, rows, 7) is SimilarityScores s) return new SimilarityScores(s.Targets, [.. s.Targets]);
        if (Random(kind, rows, 7) is RegressionScores r) return new RegressionScores(r.Targets, [.. r.Targets]);
        if (Random(kind, rows, 7) is AnswerScores a) return new AnswerScores([.. a.Ids], [.. a.Truths], [.. a.Truths.Select(t => t[0])]);
        if (Random(kind, rows, 7) is MaskedTokenScores h) return new MaskedTokenScores(h.Labels, [.. h.Labels.SelectMany(_ => new[] { 0f, 1f })], [.. Enumerable.Range(0, rows).Select(h.StartOf), h.Labels.Length]);
        if (Random(kind, rows, 7) is TokenScores t) return new TokenScores(_tags, t.Labels, [.. t.Labels.SelectMany(tag => Enumerable.Range(0, 5).Select(k => k == tag ? 1.0 : 0))], [.. Enumerable.Range(0, rows).Select(t.StartOf), t.Labels.Length]);
        if (Random(kind, rows, 7) is MultilabelScores m)
        {
            var truth = Truth(m, Enumerable.Range(0, rows));
            return new MultilabelScores(truth, truth, m.Labels);
        }
        var scores = (ClassificationScores)Random(kind, rows, 7);
        var probabilities = new double[rows * scores.Classes];
        for (var row = 0; row < rows; row++) probabilities[row * scores.Classes + scores.Labels[row]] = 1;
        return new ClassificationScores(scores.Labels, probabilities, scores.Classes, scores.PositiveIndex);
    }

    private const int Candidates = 12;

    /// <summary>Queries whose right answers stand at given places.</summary>
    private static RankingScores Ranked(int[][] places) => RankingScores.Of(
        [.. places.SelectMany(row => Enumerable.Range(1, Candidates).Select(row.Contains))],
        [.. places.SelectMany(_ => Enumerable.Range(1, Candidates).Select(place => -(float)place))], Candidates);

    private static float[] Truth(MultilabelScores set, IEnumerable<int> rows) => [.. rows.SelectMany(row => Enumerable.Range(0, set.Labels).Select(k => set.Has(row, k) ? 1f : 0f))];

    private static TokenScores Pick(TokenScores set, int[] rows)
    {
        int[] words = [.. rows.SelectMany(row => Enumerable.Range(set.StartOf(row), set.WordsOf(row)))];
        int[] starts = [0, .. rows.Select((_, i) => rows.Take(i + 1).Sum(set.WordsOf))];
        return new TokenScores(_tags, [.. words.Select(word => set.Labels[word])], [.. words.SelectMany(word => Enumerable.Range(0, 5).Select(k => set.Probability(word, k)))], starts);
    }

    private static MaskedTokenScores Pick(MaskedTokenScores set, int[] rows)
    {
        int[] words = [.. rows.SelectMany(row => Enumerable.Range(set.StartOf(row), set.WordsOf(row)))];
        return new MaskedTokenScores([.. words.Select(word => set.Labels[word])], [.. words.SelectMany(word => new[] { set.Judged[2 * word], set.Judged[2 * word + 1] })], [0, .. rows.Select((_, i) => rows.Take(i + 1).Sum(set.WordsOf))]);
    }

    private static ScoredSet Pick(ScoredSet set, int[] rows) => set is AnswerScores a ? new AnswerScores([.. rows.Select(i => a.Ids[i])], [.. rows.Select(i => a.Truths[i])], [.. rows.Select(i => a.Answers[i])]) : set is MaskedTokenScores h ? Pick(h, rows) : set is TokenScores t ? Pick(t, rows) : set is MultilabelScores m
        ? new MultilabelScores(Truth(m, rows), [.. rows.SelectMany(row => Enumerable.Range(0, m.Labels).Select(k => m.Probability(row, k)))], m.Labels)
        : set is RankingScores k
        ? Ranked([.. rows.Select(i => k.Places(i).ToArray())])
        : set is SimilarityScores s
        ? new SimilarityScores([.. rows.Select(i => s.Targets[i])], [.. rows.Select(i => s.Cosines[i])])
        : set is RegressionScores r
        ? new RegressionScores([.. rows.Select(i => r.Targets[i])], [.. rows.Select(i => r.Predictions[i])])
        : new ClassificationScores([.. rows.Select(i => ((ClassificationScores)set).Labels[i])],
            [.. rows.SelectMany(i => Enumerable.Range(0, ((ClassificationScores)set).Classes).Select(k => ((ClassificationScores)set).Probability(i, k)))],
            ((ClassificationScores)set).Classes, ((ClassificationScores)set).PositiveIndex);
}
