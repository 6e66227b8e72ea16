using Attune.Optimizers;

namespace Attune.Tests.Optimizers;

/// <summary>What every optimizer of the catalog promises.</summary>
public sealed class OptimizerContractTests
{
    public static TheoryData<string> Names => [.. OptimizerCatalog.Names];

    [Fact]
    public void Catalog_is_alphabetical_and_complete()
    {
        Assert.Equal(OptimizerCatalog.Names.Order(StringComparer.Ordinal), OptimizerCatalog.Names);
        Assert.All(OptimizerCatalog.Names, n => Assert.Equal(n, OptimizerCatalog.Create(n).Name));
        var types = typeof(Optimizer).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Optimizer)) && !t.IsAbstract);
        Assert.Equal(types.Select(t => t.Name).Order(), OptimizerCatalog.Names.Select(n => OptimizerCatalog.Create(n).GetType().Name).Order());
    }

    [Theory, MemberData(nameof(Names))]
    public void Any_split_into_ranges_gives_the_same_bits(string name)
    {
        var options = name == "sgd" ? new OptimizerOptions { Momentum = 0.9, Nesterov = true } : null;
        var whole = Run(OptimizerCatalog.Create(name, options), [103]);
        var split = Run(OptimizerCatalog.Create(name, options), [1, 16, 5, 33, 48]);
        Assert.Equal(whole, split);
    }

    [Theory, MemberData(nameof(Names))]
    public void Zero_weights_with_zero_gradients_stay_zero(string name)
    {
        var optimizer = OptimizerCatalog.Create(name);
        float[] w = new float[20], s1 = new float[20], s2 = new float[20];
        for (var step = 0; step < 3; step++) optimizer.Update(w, new float[20], Take(s1, optimizer.StateCount > 0), Take(s2, optimizer.StateCount > 1), new UpdateStep(step, 0.1, 0.01, 1));
        Assert.All(w, v => Assert.Equal(0, v));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_not_a_number_shows_in_the_weights(string name)
    {
        var optimizer = OptimizerCatalog.Create(name);
        float[] w = new float[20], g = new float[20], s1 = new float[20], s2 = new float[20];
        g[3] = float.NaN;
        optimizer.Update(w, g, Take(s1, optimizer.StateCount > 0), Take(s2, optimizer.StateCount > 1), new UpdateStep(0, 0.1, 0.01, 1));
        Assert.True(float.IsNaN(w[3]));
        Assert.Equal(0, w[4]);
    }

    [Fact]
    public void Adam_and_AdamW_are_one_without_decay() => Assert.Equal(Run(new Adam(), [103], decay: 0), Run(new AdamW(), [103], decay: 0));

    [Fact]
    public void Settings_without_effect_are_refused()
    {
        Assert.Contains("training.momentum has no effect on the optimizer 'adam'", Assert.Throws<OptionsException>(() => OptimizerCatalog.Create("adam", new() { Momentum = 0.9 })).Message);
        Assert.Contains("training.nesterov has to be used together with momentum", Assert.Throws<OptionsException>(() => OptimizerCatalog.Create("sgd", new() { Nesterov = true })).Message);
    }

    private static float[] Run(Optimizer optimizer, int[] ranges, double decay = 0.01)
    {
        const int count = 103;
        float[] w = [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))], s1 = new float[count], s2 = new float[count];
        for (var step = 0; step < 10; step++)
        {
            float[] g = [.. Enumerable.Range(0, count).Select(i => MathF.Cos(i * (step + 1)))];
            for (int start = 0, k = 0; k < ranges.Length; start += ranges[k++])
            {
                var n = ranges[k];
                optimizer.Update(w.AsSpan(start, n), g.AsSpan(start, n), optimizer.StateCount > 0 ? s1.AsSpan(start, n) : [], optimizer.StateCount > 1 ? s2.AsSpan(start, n) : [],
                    new UpdateStep(step, 0.05, decay, 0.7f));
            }
        }
        return w;
    }

    private static Span<float> Take(float[] state, bool isUsed) => isUsed ? state : [];
}
