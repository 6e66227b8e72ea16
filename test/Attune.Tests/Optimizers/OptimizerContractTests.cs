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
        foreach (var options in Settings(name))
        {
            var rule = OptimizerCatalog.Create(name, options);
            if (rule.IsElementwise) Assert.Equal(Run(rule, [103]), Run(rule, [1, 16, 5, 33, 48]));
            else Assert.NotEqual(Run(rule, [103]), Run(rule, [1, 16, 5, 33, 48]));   // what says that it needs whole weights does
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Zero_weights_with_zero_gradients_stay_zero(string name)
    {
        var optimizer = OptimizerCatalog.Create(name);
        var (w, states) = (new float[20], States(optimizer, 20));
        for (var step = 0; step < 3; step++) optimizer.Update(w, new float[20], OptimizerState.Of(states), new UpdateStep(step, 0.1, 0.01, 1));
        Assert.All(w, v => Assert.Equal(0, v));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_not_a_number_shows_in_the_weights(string name)
    {
        var optimizer = OptimizerCatalog.Create(name);
        float[] w = new float[20], g = new float[20];
        g[3] = float.NaN;
        optimizer.Update(w, g, OptimizerState.Of(States(optimizer, 20)), new UpdateStep(0, 0.1, 0.01, 1));
        Assert.True(float.IsNaN(w[3]));
        if (optimizer.IsElementwise) Assert.Equal(0, w[4]);
    }

    [Fact]
    public void Adam_and_AdamW_are_one_without_decay() => Assert.Equal(Run(new Adam(), [103], decay: 0), Run(new AdamW(), [103], decay: 0));

    [Fact]
    public void Settings_without_effect_are_refused()
    {
        Assert.Contains("training.momentum has no effect on the optimizer 'adam'", Assert.Throws<OptionsException>(() => OptimizerCatalog.Create("adam", new() { Momentum = 0.9 })).Message);
        Assert.Contains("training.momentum has no effect on the optimizer 'lamb'", Assert.Throws<OptionsException>(() => OptimizerCatalog.Create("lamb", new() { Momentum = 0.9 })).Message);
        Assert.Contains("training.nesterov has to be used together with momentum", Assert.Throws<OptionsException>(() => OptimizerCatalog.Create("sgd", new() { Nesterov = true })).Message);
    }

    private static float[] Run(Optimizer optimizer, int[] ranges, double decay = 0.01)
    {
        const int count = 103;
        float[] w = [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))];
        var states = States(optimizer, count);
        for (var step = 0; step < 10; step++)
        {
            float[] g = [.. Enumerable.Range(0, count).Select(i => MathF.Cos(i * (step + 1)))];
            for (int start = 0, k = 0; k < ranges.Length; start += ranges[k++])
            {
                var n = ranges[k];
                optimizer.Update(w.AsSpan(start, n), g.AsSpan(start, n), OptimizerState.Of(states, start, n),
                    new UpdateStep(step, 0.05, decay, 0.7f));
            }
        }
        return w;
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_setting_changes_the_steps(string name)
    {
        var plain = Run(OptimizerCatalog.Create(name, Base(name)), [103]);
        foreach (var options in Settings(name).Skip(1)) Assert.NotEqual(plain, Run(OptimizerCatalog.Create(name, options), [103]));
    }

    [Theory, MemberData(nameof(Names))]
    public void Steps_lead_down(string name)
    {
        var rule = OptimizerCatalog.Create(name);
        float[] w = [3, -2, 1, 0.5f];
        var states = States(rule, 4);
        for (var step = 0; step < 200; step++) rule.Update(w, w.Select(v => 2 * v).ToArray(), OptimizerState.Of(states), new UpdateStep(step, 0.02 * Math.Min(OptimizerCatalog.UsualRate(name), 3), 0, 1) { Sizes = [2, 2] });
        Assert.True(w.Sum(v => v * v) < 8, $"{w.Sum(v => v * v)}");
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new AdamW().Update(new float[4], new float[3], new OptimizerState(new float[4], new float[4]), default));
        Assert.Contains("state 2", Assert.Throws<ArgumentException>(() => new AdamW().Update(new float[4], new float[4], new OptimizerState(new float[4]), default)).Message);
    }

    // The defaults first, then every setting that the rule takes, one at a time.
    private static IEnumerable<OptimizerOptions> Settings(string name)
    {
        OptimizerOptions all = Base(name);
        OptimizerOptions[] each = [all, all with { Beta1 = 0.5 }, all with { Beta2 = 0.5 }, all with { Beta3 = 0.5 }, all with { Epsilon = 0.1 }, all with { Momentum = 0.5 }, all with { Nesterov = true }, all with { Amsgrad = true }, all with { Centered = true }, all with { ScaleByWeight = true }];
        return each.Where(Takes);

        bool Takes(OptimizerOptions options)
        {
            try
            {
                OptimizerCatalog.Create(name, options);
                return true;
            }
            catch (OptionsException)
            {
                return false;
            }
        }
    }

    private static OptimizerOptions Base(string name) => name == "sgd" ? new OptimizerOptions { Momentum = 0.9 } : new OptimizerOptions();

    private static float[][] States(Optimizer optimizer, int count) => [.. Enumerable.Range(0, optimizer.StateCount).Select(_ => new float[count])];
}
