using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Schedules;
using Attune.Tasks;
using Attune.Training;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Training;

public sealed class TrainingLoopTests
{
    private static readonly Regression Task = new("y", 0, 1);

    [Theory]
    [InlineData(10, 5)]
    [InlineData(10, 3)]
    [InlineData(10, 1)]
    [InlineData(7, 4)]
    public void Trap_1_and_2_micro_batches_and_a_ragged_last_window_train_like_whole_batches(int batch, int micro)
    {
        var whole = Train(Settings() with { BatchSize = batch, MicroBatchSize = batch }, rows: 37);
        var parts = Train(Settings() with { BatchSize = batch, MicroBatchSize = micro }, rows: 37);
        Assert.Equal(whole.Losses.Count, parts.Losses.Count);
        for (var i = 0; i < whole.Losses.Count; i++) Assert.Equal(whole.Losses[i], parts.Losses[i], 1e-4 * Math.Max(1, Math.Abs(whole.Losses[i])));
        Close(whole.Weights, parts.Weights, 2e-4f);
    }

    [Fact]
    public void Trap_2_a_steps_loss_is_the_mean_over_its_own_rows()
    {
        var run = Train(Settings() with { LearningRate = 1e-12, BatchSize = 16, MicroBatchSize = 5, Epochs = 1, MaxGradientNorm = 0 }, rows: 37);
        Assert.Equal([16, 16, 5], run.StepRows);
        var mean = run.Losses.Zip(run.StepRows, (l, n) => l * n).Sum() / 37;
        Assert.Equal(mean, run.Epochs[0].TrainLoss, 1e-6);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("cosine")]
    public void Trap_34_schedule_counts_steps_not_micro_steps(string name)
    {
        // 37 rows, batch 10 → 4 steps an epoch, 3 epochs → 12 steps, whatever the micro-batch.
        var schedule = ScheduleCatalog.Create(name, 12, 3);
        foreach (var micro in new[] { 10, 3 })
        {
            var run = Train(Settings() with { Schedule = schedule, LearningRate = 0.5e-3, Epochs = 3, BatchSize = 10, MicroBatchSize = micro }, rows: 37);
            Assert.Equal(12, run.Rates.Count);
            Assert.Equal(0, run.Rates[0]);
            Assert.Equal(0.5e-3 * schedule.Factor(11), run.Rates[^1]);
            Assert.Equal(0.5e-3, run.Rates.Max());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trap_32_the_returned_weights_are_those_of_the_best_epoch(bool higherIsBetter)
    {
        double?[] curve = [5, 3, double.NaN, 2, null, 2, 4];
        if (higherIsBetter) curve = [.. curve.Select(c => -c)];
        var run = Train(Settings() with { Epochs = curve.Length, Metric = new Scripted(higherIsBetter, curve) }, rows: 20);
        Assert.Equal([true, true, false, true, false, false, false], run.Epochs.Select(e => e.IsBest));
        Assert.Equal(3, run.State.BestEpoch);
        Assert.Equal(curve[3], run.State.BestMetric);
        Same(run.AfterEpoch[3], run.Weights);
        Assert.NotEqual(run.AfterEpoch[6]["in.weight"], run.Weights["in.weight"]);
    }

    [Fact]
    public void Trap_32_without_a_single_defined_metric_the_first_epochs_weights_are_kept_and_nothing_counts_as_best_metric()
    {
        var run = Train(Settings() with { Epochs = 3, Metric = new Scripted(false, [double.NaN, null, double.PositiveInfinity]) }, rows: 20);
        Assert.Null(run.State.BestMetric);
        Same(run.AfterEpoch[0], run.Weights);
    }

    [Fact]
    public void Trap_32_the_best_epoch_survives_a_stop_and_a_resume()
    {
        double?[] curve = [5, 1, 4, 3, 2, 2];
        var settings = Settings() with { Epochs = curve.Length, Metric = new Scripted(false, curve), Patience = 0 };
        var whole = Train(settings, rows: 20);
        var first = Train(settings with { Metric = new Scripted(false, curve) }, rows: 20, stopAfter: 7);
        Assert.False(first.State.Finished);
        var second = Train(settings with { Metric = new Scripted(false, curve[first.State.Epoch..]) }, rows: 20, state: first.State);
        Assert.Equal(1, second.State.BestEpoch);
        Same(whole.Weights, second.Weights);
    }

    [Fact]
    public void Training_stops_when_patience_runs_out()
    {
        var run = Train(Settings() with { Epochs = 20, Patience = 3, Metric = new Scripted(false, [3, 2, 2.5, 2, 2.1, 1, 1, 1]) }, rows: 20);
        Assert.Equal(5, run.Epochs.Count);
        Assert.True(run.State.Finished);
        Assert.Equal(1, run.State.BestEpoch);
    }

    [Fact]
    public void Trap_36_epochs_have_other_orders_and_equal_seeds_the_same()
    {
        var sampler = new EpochSampler(500, 3);
        int[][] epochs = [.. Enumerable.Range(0, 4).Select(e => sampler.Epoch(e).ToArray())];
        foreach (var order in epochs) Assert.Equal(Enumerable.Range(0, 500), order.Order());
        Assert.Equal(4, epochs.Select(e => string.Join(' ', e)).Distinct().Count());
        Assert.NotEqual(Enumerable.Range(0, 500), epochs[0]);
        Assert.Equal(epochs[2], new EpochSampler(500, 3).Epoch(2).ToArray());
        Assert.Equal(epochs[0], sampler.Epoch(0).ToArray());
        Assert.NotEqual(epochs[0], new EpochSampler(500, 4).Epoch(0).ToArray());
    }

    [Fact]
    public void Trap_35_a_batch_given_twice_makes_the_same_step()
    {
        using var once = Compile();
        using var twice = Compile();
        var set = Set(24, 6, 2);
        int[] rows = [.. Enumerable.Range(0, 24)];
        once.Accumulate(set, rows, new MeanSquaredError(), 48, new MicroStep(0, 0, TrainingMode.Deterministic));
        twice.Accumulate(set, [.. rows, .. rows], new MeanSquaredError(), 96, new MicroStep(0, 0, TrainingMode.Deterministic));
        foreach (var model in new[] { once, twice }) model.Update(new Sgd(), new UpdateStep(0, 0.1, 0, 1));
        Close(Weights(once), Weights(twice), 1e-5f);
    }

    [Fact]
    public void Trap_20_every_trainable_weight_moves_in_three_steps()
    {
        var before = Network().Weights;
        var run = Train(Settings() with { Epochs = 1, BatchSize = 8, MicroBatchSize = 8 }, rows: 24);
        Assert.Equal(3, run.Losses.Count);
        foreach (var (name, values) in run.Weights) Assert.False(before[name].Value.Data.Span<float>().SequenceEqual(values), name + " did not move");
    }

    [Fact]
    public void Clipping_limits_the_step_and_zero_turns_it_off()
    {
        var start = Network().Weights;
        double Moved(double limit, double rate = 1)
        {
            var settings = Settings() with { Optimizer = new Sgd(), LearningRate = rate, MaxGradientNorm = limit, Epochs = 1, BatchSize = 20, MicroBatchSize = 20 };
            var run = Train(settings, rows: 20);
            return Math.Sqrt(run.Weights.Sum(w => w.Value.Select((v, i) => Math.Pow(v - start[w.Key].Value.Data.Span<float>()[i], 2)).Sum()));
        }
        Assert.Equal(0.01, Moved(0.01), 1e-4);
        Assert.True(Moved(0, 0.1) > 0.02);
        Assert.Equal(Moved(0, 0.1), Moved(1e6, 0.1), 1e-9);
    }

    [Fact]
    public void Divergence_stops_the_run_with_step_last_loss_and_cause()
    {
        var settings = Settings() with { Optimizer = new Sgd(), LearningRate = 1e12, MaxGradientNorm = 0, Epochs = 50, BatchSize = 8, MicroBatchSize = 8 };
        var error = Assert.Throws<TrainingException>(() => Train(settings, rows: 24));
        Assert.True(error.Step > 0 && error.LastFiniteLoss is { } loss && double.IsFinite(loss));
        Assert.Contains($"Step {error.Step} ", error.Message, StringComparison.Ordinal);
        Assert.Contains("--learning-rate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_no_number_stops_the_run_at_once()
    {
        var set = Set(20, 6, 2);
        set.Targets!.Values![5] = float.NaN;
        using var model = Compile();
        var settings = Settings();
        var loop = new TrainingLoop(model, Task, settings, set, Set(9, 6, 2), _ => null);
        Assert.Throws<TrainingException>(() => loop.Run(null, [], _ => { }, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Trap_23_validation_does_not_draw_and_training_draws_again_after_it()
    {
        var graph = Build(6, 2, (g, x) => Linear(g, g.Dropout(g.Relu(Linear(g, x, "in", 6, 32)), 0.5f), "out", 32, 2));
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = All(graph), MaxRows = 64, Seed = 2 });
        var set = Set(20, 6, 2);
        int[] rows = [.. Enumerable.Range(0, 20)];
        float[] first = new float[40], second = new float[40];
        var mse = new MeanSquaredError();
        double Drawn() => model.Accumulate(set, rows, mse, 40, new MicroStep(3, 0));
        var before = Drawn();
        model.Predict(set, rows, first);
        Assert.ThrowsAny<Exception>(() => model.Predict(set, [0, 99], new float[4]));
        model.Predict(set, rows, second);
        Assert.Equal(first, second);
        Assert.Equal(before, Drawn());
        Assert.NotEqual(before, model.Accumulate(set, rows, mse, 40, new MicroStep(4, 0)));
        Assert.NotEqual(before, model.Accumulate(set, rows, mse, 40, new MicroStep(3, 0, TrainingMode.Deterministic)));
    }

    [Fact]
    public void Trap_33_stopping_anywhere_and_going_on_ends_with_the_same_bits()
    {
        var settings = Settings() with { Epochs = 4, BatchSize = 7, MicroBatchSize = 3 };
        var whole = Train(settings, rows: 37);
        for (var stop = 0; stop < whole.Losses.Count; stop += 5)
        {
            var first = Train(settings, rows: 37, stopAfter: stop);
            Assert.False(first.State.Finished);
            Assert.Equal(stop, first.State.Step);
            var second = Train(settings, rows: 37, state: first.State);
            Same(whole.Weights, second.Weights);
            Assert.Equal(whole.Losses, first.Losses.Concat(second.Losses));
            Assert.Equal(whole.Epochs[^1] with { Metric = null }, second.Epochs[^1] with { Metric = null });   // the scripted metric counts its calls
        }
    }

    [Fact]
    public void Checkpoints_are_due_by_the_clock_and_change_nothing()
    {
        var whole = Train(Settings(), rows: 37);
        var often = Train(Settings() with { CheckpointSeconds = 0 }, rows: 37);
        Assert.Equal(1, whole.Checkpoints);
        Assert.Equal(often.Losses.Count + 1, often.Checkpoints);
        Same(whole.Weights, often.Weights);
    }

    [Fact]
    public void Rows_without_targets_and_empty_splits_are_refused()
    {
        using var model = Compile();
        var without = new EncodedSet(3, [new FloatInput("x", 6, new float[18])]);
        Assert.Throws<ArgumentException>(() => new TrainingLoop(model, Task, Settings(), without, Set(3, 6, 2), _ => null));
        Assert.Throws<ArgumentException>(() => new TrainingLoop(model, Task, Settings(), Set(3, 6, 2), Set(0, 6, 2), _ => null));
    }

    private static TrainingSettings Settings() => new()
    {
        Loss = new MeanSquaredError(),
        Optimizer = new AdamW(),
        Schedule = ScheduleCatalog.Create("constant", 100),
        Metric = new Scripted(false, [.. Enumerable.Range(0, 60).Select(i => (double?)(100 - i))]),
        LearningRate = 0.01,
        Epochs = 3,
        BatchSize = 10,
        MicroBatchSize = 10,
        MaxGradientNorm = 1,
        Seed = 3,
        CheckpointSeconds = 1000,
    };

    private static Graph Network() => Build(6, 2, (g, x) => Linear(g, g.Tanh(Linear(g, x, "in", 6, 12)), "out", 12, 2));

    private static TrainableWeight[] All(Graph graph) => [.. graph.Weights.All.Where(w => w.Role == Attune.Weights.WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))];

    private static DenseModel Compile(Graph? graph = null)
    {
        graph ??= Network();
        return DenseCompiler.Compile(graph, new CompileOptions { Trainable = All(graph), MaxRows = 64, Seed = 2 });
    }

    private static Outcome Train(TrainingSettings settings, int rows, LoopState? state = null, int? stopAfter = null)
    {
        using var model = Compile();
        using var stop = new CancellationTokenSource();
        var watcher = new Watcher(model, state?.Step ?? 0, stopAfter, stop);
        if (stopAfter == 0) stop.Cancel();
        var checkpoints = 0;
        var truth = new RegressionScores([1, 2], [1, 2]);
        var loop = new TrainingLoop(model, Task, settings, Set(rows, 6, 2), Set(9, 6, 2), _ => truth);
        var end = loop.Run(state, [watcher], _ => checkpoints++, TimeProvider.System, stop.Token);
        var size = settings.BatchSize;
        var perEpoch = TrainingLoop.StepsPerEpoch(rows, size);
        return new Outcome(end, Weights(model), watcher.Losses, watcher.Rates, watcher.Epochs, watcher.AfterEpoch, checkpoints,
            [.. Enumerable.Range(0, perEpoch).Select(i => Math.Min(size, rows - i * size))]);
    }

    private static Dictionary<string, float[]> Weights(CompiledModel model) => model.Capture().Weights.ToDictionary(w => w.Key, w => w.Value);

    private static void Close(Dictionary<string, float[]> a, Dictionary<string, float[]> b, float tolerance)
    {
        foreach (var (name, values) in a)
            for (var i = 0; i < values.Length; i++) Assert.True(Math.Abs(values[i] - b[name][i]) <= tolerance, $"{name}[{i}]: {values[i]} and {b[name][i]}");
    }

    private static void Same(Dictionary<string, float[]> a, Dictionary<string, float[]> b)
    {
        Assert.Equal(a.Keys.Order(), b.Keys.Order());
        foreach (var (name, values) in a) Assert.Equal(values, b[name]);
    }

    private sealed record Outcome(LoopState State, Dictionary<string, float[]> Weights, List<double> Losses, List<double> Rates, List<EpochReport> Epochs,
        List<Dictionary<string, float[]>> AfterEpoch, int Checkpoints, int[] StepRows);

    private sealed class Watcher(CompiledModel model, long start, int? stopAfter, CancellationTokenSource stop) : Callback
    {
        public List<double> Losses { get; } = [];

        public List<double> Rates { get; } = [];

        public List<EpochReport> Epochs { get; } = [];

        public List<Dictionary<string, float[]>> AfterEpoch { get; } = [];

        public override void Step(in StepReport report)
        {
            Assert.Equal(++start, report.Step);
            Losses.Add(report.Loss);
            Rates.Add(report.LearningRate);
            if (report.Step == stopAfter) stop.Cancel();
        }

        public override void Epoch(EpochReport report)
        {
            Epochs.Add(report);
            AfterEpoch.Add(Weights(model));
        }
    }

    /// <summary>A metric whose value at each validation was decided beforehand.</summary>
    private sealed class Scripted(bool higherIsBetter, double?[] curve) : Metric
    {
        private int _next;

        public override string Name => "scripted";

        public override string Unit => "none";

        public override bool HigherIsBetter => higherIsBetter;

        public override MetricTasks Tasks => MetricTasks.Regression;

        public override string Description => "Says what it was told to say.";

        public override MetricValue Compute(Sample sample) => curve[_next++] is { } value ? MetricValue.Of(value) : MetricValue.Undefined("scripted");
    }
}
