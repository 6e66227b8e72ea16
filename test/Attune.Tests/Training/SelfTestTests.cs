using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Schedules;
using Attune.Training;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Training;

/// <summary>Promise 5: the checks pass on a sound model, leave it as it was, and fail where something is wrong.</summary>
public sealed class SelfTestTests
{
    [Fact]
    public void A_sound_model_passes_and_is_left_to_the_bit()
    {
        var graph = Mixed();
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Parameters(graph), MaxRows = 64 });
        var before = model.Capture();
        var checks = SelfTest.Run(model, MixedSet(60), Settings());
        Assert.All(checks, c => Assert.True(c.Passed, $"{c.Name}: {c.Detail}"));
        Assert.Equal(11, checks.Count);
        SelfTest.Demand(checks);
        var after = model.Capture();
        foreach (var (name, values) in before.Weights) Assert.Equal(values, after.Weights[name]);
        foreach (var (name, values) in before.State(0)) Assert.Equal(values, after.State(0)[name]);
        Assert.Equal(0, model.GradientNorm());
    }

    [Fact]
    public void A_rate_too_small_to_move_a_weight_is_told()
    {
        var graph = Mixed();
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Parameters(graph), MaxRows = 64 });
        var failed = SelfTest.Run(model, MixedSet(60), Settings() with { LearningRate = 1e-30 }).Where(c => !c.Passed).ToList();
        Assert.Contains("unmoved", Assert.Single(failed).Detail, StringComparison.Ordinal);
        var error = Assert.Throws<TrainingException>(() => SelfTest.Demand(failed));
        Assert.Contains("nothing was trained", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_that_are_no_numbers_are_told()
    {
        var graph = Mixed();
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Parameters(graph), MaxRows = 64 });
        var set = MixedSet(40);
        ((FloatInput)set.Inputs[0]).Values[3] = float.NaN;
        Assert.Contains(SelfTest.Run(model, set, Settings()), c => !c.Passed);
    }

    [Fact]
    public void One_row_is_enough() => Assert.All(Run(1), c => Assert.True(c.Passed, $"{c.Name}: {c.Detail}"));

    private static IReadOnlyList<SelfTestCheck> Run(int rows)
    {
        var graph = Mixed();
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Parameters(graph), MaxRows = 64 });
        return SelfTest.Run(model, MixedSet(rows), Settings());
    }

    private static TrainableWeight[] Parameters(Attune.Graphs.Graph graph) => [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))];

    private static TrainingSettings Settings() => new()
    {
        Loss = new MeanSquaredError(),
        Optimizer = new AdamW(),
        Schedule = ScheduleCatalog.Create("constant", 10),
        Metric = MetricCatalog.Get("rmse", MetricTasks.Regression),
        LearningRate = 0.01,
        Epochs = 1,
        BatchSize = 48,
        MicroBatchSize = 48,
    };
}
