using Attune.Losses;

namespace Attune.Tests.Losses;

/// <summary>What every loss of the catalog promises.</summary>
public sealed class LossContractTests
{
    public static TheoryData<string> Names => [.. LossCatalog.Names];

    public static TheoryData<string> RowWise => [.. LossCatalog.Names.Where(n => !LossCatalog.Create(n).CouplesRows)];

    [Fact]
    public void Catalog_is_alphabetical_and_names_agree()
    {
        Assert.Equal(LossCatalog.Names.Order(StringComparer.Ordinal), LossCatalog.Names);
        Assert.All(LossCatalog.Names, n => Assert.Equal(n, LossCatalog.Create(n).Name));
        // Terms that are added to a loss have options of their own; question answering has the one loss that reads its marks (SpanCrossEntropyTests).
        var types = typeof(Loss).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Loss)) && !t.IsAbstract && !t.IsSubclassOf(typeof(RegularizedLoss)) && t != typeof(SpanCrossEntropy));
        Assert.Equal(types.Select(t => t.Name).Order(), LossCatalog.Names.Select(n => LossCatalog.Create(n).GetType().Name).Order());
        foreach (var kind in Enum.GetValues<LossKinds>()) Assert.NotEmpty(LossCatalog.NamesFor(kind));
    }

    [Theory, MemberData(nameof(Names))]
    public void Is_finite_at_huge_outputs(string name)
    {
        float[] outputs = [1e4f, -1e4f, 0, -1e4f, 1e4f, 1e4f, 0, 0, 0, 1, 2, 3, -1e4f, -1e4f, 1e4f, 1e4f, 0, 0];
        var gradient = new float[18];
        var sum = LossCatalog.Create(name).Sum(outputs, 3, Targets(name, 6, 3), gradient, 1);
        Assert.True(double.IsFinite(sum));
        Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_not_a_number_shows_in_the_sum(string name)
    {
        var outputs = Numbers(18, 2);
        outputs[4] = float.NaN;
        var gradient = new float[18];
        Assert.True(double.IsNaN(LossCatalog.Create(name).Sum(outputs, 3, Targets(name, 6, 3), gradient, 1)));
    }

    [Theory, MemberData(nameof(Names))]
    public void No_rows_cost_nothing_and_count_nothing(string name)
    {
        var loss = LossCatalog.Create(name);
        Assert.Equal(0, loss.Sum([], 3, Targets(name, 0, 3), [], 1));
        Assert.Equal(0, loss.Count(Targets(name, 0, 3)));
    }

    [Theory, MemberData(nameof(RowWise))]
    public void Sums_over_parts_equal_the_sum_over_all(string name)
    {
        const int width = 5;
        var loss = LossCatalog.Create(name);
        var cuts = loss.RowsPerExample == 1 ? new[] { 16, 20, 1 } : [12, 18, 6];
        var rows = cuts.Sum();
        var outputs = Numbers(rows * width, 3);
        var (whole, parts) = (new float[outputs.Length], new float[outputs.Length]);
        var all = Targets(name, rows, width);
        var expected = loss.Sum(outputs, width, all, whole, 0.25f);
        double sum = 0, count = 0;
        for (int i = 0, start = 0; i < cuts.Length; start += cuts[i++])
        {
            var part = all.Slice(start, cuts[i]);
            sum += loss.Sum(outputs.AsSpan(start * width, cuts[i] * width), width, part, parts.AsSpan(start * width, cuts[i] * width), 0.25f);
            count += loss.Count(part);
        }
        Assert.Equal(expected, sum, 1e-9 * Math.Abs(expected));
        Assert.Equal(loss.Count(all), count, 1e-9);
        Assert.Equal(whole, parts);
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradient_is_the_slope(string name)
        => LossSlopes.Check(LossCatalog.Create(name), Numbers(12 * 3, 5), 3, () => Targets(name, 12, 3));

    [Fact]
    public void Gradient_is_the_slope_with_every_setting()
    {
        Loss[] labelled = [new CrossEntropy(0.1, [1, 2, 0.5f]), new FocalLoss(0.5, null, [1, 2, 0.5f]), new BatchHardTriplet(1), new SupervisedContrastive(0.2, 0.1, 2), new SupervisedContrastive(0.5, views: 3, normalize: false)];
        foreach (var loss in labelled) LossSlopes.Check(loss, Numbers(36, 5), 3, () => Targets("cross-entropy", 12, 3));
        Loss[] sigmoid = [new BinaryCrossEntropy(0.1, [1, 2, 3]), new FocalLoss(1.5, 0.25), new AsymmetricLoss(0, 0, 0), new AsymmetricLoss(2, 1, 0.2), new QuantileLoss(0.9), new TweedieLoss(1.2), new CrossEntropy(0.1, [1, 2, 0.5f])];
        foreach (var loss in sigmoid) LossSlopes.Check(loss, Numbers(36, 5), 3, () => Targets("mse", 12, 3));
        Loss[] embeddings = [new MultipleNegativesRanking(5, hardNegatives: 1, symmetric: true), new MultipleNegativesRanking(1, Similarity.Dot, 2), new TripletLoss(2, swap: true), new TripletLoss(0.7, EmbeddingDistance.Cosine)];
        foreach (var loss in embeddings) LossSlopes.Check(loss, Numbers(36, 5), 3, () => Targets("triplet", 12, 3));
    }

    [Theory, MemberData(nameof(Names))]
    public void Good_outputs_cost_less_than_bad_ones(string name)
    {
        var loss = LossCatalog.Create(name);
        var targets = Targets(name, 6, 3);
        float[] good = new float[18], bad = new float[18];
        for (var row = 0; row < 6; row++)
        {
            for (var k = 0; k < 3; k++) (good[row * 3 + k], bad[row * 3 + k]) = Outputs(loss, LossCatalog.KindsOf(name), targets, row, k);
        }
        Assert.True(loss.Sum(good, 3, targets, [], 1) < loss.Sum(bad, 3, targets, [], 1));
    }

    private static (float Good, float Bad) Outputs(Loss loss, LossKinds kinds, in LossTargets targets, int row, int k)
    {
        static (float, float) Axis(int good, int bad, int k) => (good == k ? 1 : 0, bad == k ? 1 : 0);
        if (kinds == LossKinds.Embeddings)
        {
            var (example, member) = (row / loss.RowsPerExample, row % loss.RowsPerExample);
            if (loss.RowsPerExample == 1) return Axis(targets.Labels[row], row / 2, k);
            if (member == 0) return Axis(example % 3, example % 3, k);
            if (loss is not (MultipleNegativesRanking or TripletLoss or MarginMse) && targets.Values[row] == 0) return Axis((example + 1) % 3, example % 3, k);
            return member == 1 ? Axis(example % 3, (example + 1) % 3, k) : Axis((example + 1) % 3, example % 3, k);
        }
        if (!targets.Labels.IsEmpty) return targets.Labels[row] == k ? (4, -1) : (-4, 7);
        var y = targets.Values[row * 3 + k];
        return kinds.HasFlag(LossKinds.Binary) || kinds == LossKinds.LogRegression ? (8 * y - 4, 7 - 8 * y) : (y, 3 - y);
    }

    [Theory, MemberData(nameof(Names))]
    public void Unequal_shapes_are_refused(string name)
    {
        var loss = LossCatalog.Create(name);
        Assert.Throws<ArgumentException>(() => loss.Sum(new float[24], 4, Targets(name, 5, 4), [], 1));
        Assert.Throws<ArgumentException>(() => loss.Sum(new float[24], 4, Targets(name, 6, 4), new float[23], 1));
        if (Targets(name, 4, 4).Values.Length == 16) Assert.Throws<ArgumentException>(() => loss.Sum(new float[24], 4, Targets(name, 24, 1), [], 1));
        if (loss.RowsPerExample > 1) Assert.Throws<ArgumentException>(() => loss.Sum(new float[28], 4, Targets(name, 7, 4), [], 1));
    }

    [Theory, InlineData("cross-entropy"), InlineData("focal"), InlineData("ordinal")]
    public void Labels_out_of_range_are_refused_and_ignored_rows_count_nothing(string name)
    {
        var loss = LossCatalog.Create(name);
        Assert.Throws<ArgumentException>(() => loss.Sum(new float[6], 3, new LossTargets { Labels = new[] { 0, 3 }, Rows = 2, ValueWidth = 1 }, [], 1));
        var gradient = new float[] { 9, 9, 9 };
        var ignored = new LossTargets { Labels = new[] { CrossEntropy.IgnoreIndex }, Rows = 1, ValueWidth = 1 };
        Assert.Equal(0, loss.Sum([1, 2, 3], 3, ignored, gradient, 1));
        Assert.Equal(0, loss.Count(ignored));
        Assert.All(gradient, g => Assert.Equal(0, g));
        Assert.Equal(0, loss.Sum([5], 1, new LossTargets { Labels = new[] { 0 }, Rows = 1, ValueWidth = 1 }, [], 1), 1e-12);   // one class is never wrong
    }

    [Fact]
    public void A_row_of_zeros_gets_no_gradient_from_cosines()
    {
        foreach (var name in LossCatalog.NamesFor(LossKinds.Embeddings))
        {
            var gradient = new float[18];
            Assert.True(double.IsFinite(LossCatalog.Create(name).Sum(new float[18], 3, Targets(name, 6, 3), gradient, 1)));
            Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
        }
    }

    [Fact]
    public void Settings_without_effect_and_unknown_names_are_refused()
    {
        Assert.Contains("objective.delta has no effect on the loss 'mse'", Assert.Throws<OptionsException>(() => LossCatalog.Create("mse", new() { Delta = 2 })).Message);
        Assert.Contains("objective.focal-gamma is -1; it has to be at least 0", Assert.Throws<OptionsException>(() => LossCatalog.Create("focal", new() { FocalGamma = -1 })).Message);
        Assert.Contains("Did you mean 'huber'?", Assert.Throws<OptionsException>(() => LossCatalog.Create("hubr")).Message);
    }

    private static LossTargets Targets(string name, int rows, int width)
    {
        var (loss, kinds) = (LossCatalog.Create(name), LossCatalog.KindsOf(name));
        if (kinds == LossKinds.MultiClass || loss is BatchHardTriplet or SupervisedContrastive)
            return new LossTargets { Labels = Enumerable.Range(0, rows).Select(i => i * 7 % width).ToArray(), Rows = rows, ValueWidth = 1 };
        var n = loss.RowsPerExample;
        return kinds == LossKinds.Embeddings
            ? new LossTargets { Values = Enumerable.Range(0, rows).Select(i => loss is MarginMse ? 1f : i / n % 2).ToArray(), Rows = rows, ValueWidth = 1 }
            : new LossTargets { Values = Enumerable.Range(0, rows * width).Select(i => (float)(i * 5 % 3 % 2)).ToArray(), Rows = rows, ValueWidth = width };
    }

    private static float[] Numbers(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (float)(3 * Math.Sin(seed + 1.7 * i)))];
}
