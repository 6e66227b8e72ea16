using Attune.Losses;

namespace Attune.Tests.Losses;

/// <summary>What every loss of the catalog promises.</summary>
public sealed class LossContractTests
{
    public static TheoryData<string> Names => [.. LossCatalog.Names];

    [Fact]
    public void Catalog_is_alphabetical_and_names_agree()
    {
        Assert.Equal(LossCatalog.Names.Order(StringComparer.Ordinal), LossCatalog.Names);
        Assert.All(LossCatalog.Names, n => Assert.Equal(n, LossCatalog.Create(n).Name));
        var types = typeof(Loss).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Loss)) && !t.IsAbstract);
        Assert.Equal(types.Select(t => t.Name).Order(), LossCatalog.Names.Select(n => LossCatalog.Create(n).GetType().Name).Order());
    }

    [Theory, MemberData(nameof(Names))]
    public void Is_finite_at_huge_outputs(string name)
    {
        var (loss, width) = (LossCatalog.Create(name), 3);
        float[] outputs = [1e4f, -1e4f, 0, -1e4f, 1e4f, 1e4f];
        var gradient = new float[6];
        var sum = loss.Sum(outputs, width, Targets(name, 2, width), gradient, 1);
        Assert.True(double.IsFinite(sum));
        Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
    }

    [Theory, MemberData(nameof(Names))]
    public void Sums_over_parts_equal_the_sum_over_all(string name)
    {
        const int rows = 37, width = 5;
        var loss = LossCatalog.Create(name);
        var outputs = Numbers(rows * width, 3);
        var (whole, parts) = (new float[outputs.Length], new float[outputs.Length]);
        var all = Targets(name, rows, width);
        var expected = loss.Sum(outputs, width, all, whole, 0.25f);
        double sum = 0, count = 0;
        foreach (var (start, n) in new[] { (0, 16), (16, 20), (36, 1) })
        {
            var part = new LossTargets
            {
                Labels = all.Labels.IsEmpty ? [] : all.Labels.Slice(start, n),
                Values = all.Values.IsEmpty ? [] : all.Values.Slice(start * width, n * width),
                Rows = n,
                ValueWidth = all.ValueWidth,
            };
            sum += loss.Sum(outputs.AsSpan(start * width, n * width), width, part, parts.AsSpan(start * width, n * width), 0.25f);
            count += loss.Count(part);
        }
        Assert.Equal(expected, sum, 1e-9 * Math.Abs(expected));
        Assert.Equal(loss.Count(all), count, 1e-9);
        Assert.Equal(whole, parts);
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradient_is_the_slope(string name)
    {
        const int rows = 4, width = 3;
        var loss = LossCatalog.Create(name);
        var outputs = Numbers(rows * width, 5);
        var gradient = new float[outputs.Length];
        loss.Sum(outputs, width, Targets(name, rows, width), gradient, 2);
        for (var i = 0; i < outputs.Length; i++)
        {
            var x = outputs[i];
            outputs[i] = x + 0.01f;
            var up = loss.Sum(outputs, width, Targets(name, rows, width), [], 1);
            outputs[i] = x - 0.01f;
            var down = loss.Sum(outputs, width, Targets(name, rows, width), [], 1);
            outputs[i] = x;
            Assert.Equal(2 * (up - down) / 0.02, gradient[i], 2e-3);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Good_outputs_cost_less_than_bad_ones(string name)
    {
        var loss = LossCatalog.Create(name);
        var targets = Targets(name, 6, 3);
        var good = new float[18];
        for (var row = 0; row < 6; row++)
        {
            for (var k = 0; k < 3; k++) good[row * 3 + k] = targets.Labels.IsEmpty ? (name.StartsWith("binary", StringComparison.Ordinal) ? 8 * targets.Values[row * 3 + k] - 4 : targets.Values[row * 3 + k]) : targets.Labels[row] == k ? 4 : -4;
        }
        var bad = good.Select(g => -g + 3).ToArray();
        Assert.True(loss.Sum(good, 3, targets, [], 1) < loss.Sum(bad, 3, targets, [], 1));
    }

    [Theory, MemberData(nameof(Names))]
    public void Unequal_shapes_are_refused(string name)
    {
        var loss = LossCatalog.Create(name);
        Assert.Throws<ArgumentException>(() => loss.Sum(new float[12], 3, Targets(name, 5, 3), [], 1));
        Assert.Throws<ArgumentException>(() => loss.Sum(new float[12], 3, Targets(name, 4, 3), new float[11], 1));
        if (!name.StartsWith("cross", StringComparison.Ordinal)) Assert.Throws<ArgumentException>(() => loss.Sum(new float[12], 3, Targets(name, 12, 1), [], 1));
    }

    [Fact]
    public void Labels_out_of_range_are_refused_and_ignored_rows_count_nothing()
    {
        var loss = new CrossEntropy();
        Assert.Throws<ArgumentException>(() => loss.Sum(new float[6], 3, new LossTargets { Labels = new[] { 0, 3 }, Rows = 2, ValueWidth = 1 }, [], 1));
        var gradient = new float[] { 9, 9, 9 };
        var ignored = new LossTargets { Labels = new[] { CrossEntropy.IgnoreIndex }, Rows = 1, ValueWidth = 1 };
        Assert.Equal(0, loss.Sum([1, 2, 3], 3, ignored, gradient, 1));
        Assert.Equal(0, loss.Count(ignored));
        Assert.All(gradient, g => Assert.Equal(0, g));
    }

    [Fact]
    public void Settings_without_effect_and_unknown_names_are_refused()
    {
        Assert.Contains("objective.delta has no effect on the loss 'mse'", Assert.Throws<OptionsException>(() => LossCatalog.Create("mse", new() { Delta = 2 })).Message);
        Assert.Contains("Did you mean 'huber'?", Assert.Throws<OptionsException>(() => LossCatalog.Create("hubr")).Message);
    }

    private static LossTargets Targets(string name, int rows, int width) => name.StartsWith("cross", StringComparison.Ordinal)
        ? new LossTargets { Labels = Enumerable.Range(0, rows).Select(i => i * 7 % width).ToArray(), Rows = rows, ValueWidth = 1 }
        : new LossTargets { Values = Enumerable.Range(0, rows * width).Select(i => (float)(i * 5 % 3 % 2)).ToArray(), Rows = rows, ValueWidth = width };

    private static float[] Numbers(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (float)(3 * Math.Sin(seed + 1.7 * i)))];
}
