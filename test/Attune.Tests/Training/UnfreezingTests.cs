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

/// <summary>Weights that join later, and averaged weights, against the same steps written out.</summary>
public sealed class UnfreezingTests
{
    public static TheoryData<string> Rules() => ["adamw", "adam", "sgd"];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_weight_that_joins_later_stays_to_the_byte_and_then_trains_as_one_that_starts(string rule)
    {
        var graph = Mixed();
        var trainable = Staged(graph);
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = trainable, MaxRows = 64, FreezeBatchNorm = true });
        var optimizer = OptimizerCatalog.Create(rule, new OptimizerOptions { Momentum = rule == "sgd" ? 0.9 : null });
        var set = MixedSet(48);
        var start = model.Capture().Weights;
        var expected = start.ToDictionary(w => w.Key, w => (float[])w.Value.Clone());
        var states = start.ToDictionary(w => w.Key, w => (First: new float[w.Value.Length], Second: new float[w.Value.Length]));
        for (var step = 0L; step < 9; step++)
        {
            model.Accumulate(set, Rows(48), new MeanSquaredError(), 48, new MicroStep(step, 0));
            foreach (var t in trainable.Where(t => step >= t.FirstStep))
            {
                var gradient = new float[expected[t.Name].Length];
                model.ReadGradient(t.Name, gradient);
                var (first, second) = states[t.Name];
                optimizer.Update(expected[t.Name], gradient, new OptimizerState(optimizer.StateCount > 0 ? first : [], optimizer.StateCount > 1 ? second : []), new UpdateStep(step - t.FirstStep, 0.02, t.WeightDecay, 0.7f));
            }
            model.Update(optimizer, new UpdateStep(step, 0.02, 0, 0.7f));
            var now = model.Capture();
            foreach (var t in trainable)
            {
                Assert.Equal(expected[t.Name], now.Weights[t.Name]);
                if (step < t.FirstStep)
                {
                    Assert.Equal(start[t.Name], now.Weights[t.Name]);
                    if (now.State(0).Count > 0) Assert.All(now.State(0)[t.Name], v => Assert.Equal(0, v));
                }
                else Assert.NotEqual(start[t.Name], now.Weights[t.Name]);
            }
        }
    }

    [Fact]
    public void The_norm_counts_only_weights_that_take_part()
    {
        var graph = Mixed();
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Staged(graph), MaxRows = 64, FreezeBatchNorm = true });
        model.Accumulate(MixedSet(48), Rows(48), new MeanSquaredError(), 48, new MicroStep(0, 0));
        foreach (var step in new long[] { 0, 3, 6 })
        {
            double sum = 0;
            foreach (var t in model.Trainable.Where(t => t.FirstStep <= step))
            {
                var gradient = new float[graph.Weights[t.Name].Count];
                model.ReadGradient(t.Name, gradient);
                sum += gradient.Sum(g => (double)g * g);
            }
            Assert.Equal(Math.Sqrt(sum), model.GradientNorm(step), 1e-9);
        }
        Assert.Equal(model.GradientNorm(6), model.GradientNorm());
        Assert.True(model.GradientNorm(0) < model.GradientNorm(3));
    }

    [Fact]
    public void The_self_test_knows_of_weights_that_join_later_and_sees_one_that_does_not_wait()
    {
        var graph = Mixed();
        var settings = Settings(3);
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Staged(graph), MaxRows = 64, FreezeBatchNorm = true });
        var checks = SelfTest.Run(model, MixedSet(60), settings);
        Assert.All(checks, c => Assert.True(c.Passed, $"{c.Name}: {c.Detail}"));
        Assert.Contains(checks, c => c.Name == "weights that join later stay until then");
        using var eager = new Eager(model);
        Assert.Contains(SelfTest.Run(eager, MixedSet(60), settings), c => !c.Passed && c.Name == "weights that join later stay until then");
    }

    [Fact]
    public void Early_stopping_waits_for_the_last_stage()
    {
        var graph = Mixed();
        var set = MixedSet(20);
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Staged(graph), MaxRows = 64, FreezeBatchNorm = true });
        // 2 steps an epoch: the last weights join at step 6, epoch 3; nothing gets better after epoch 0.
        var loop = new TrainingLoop(model, new Regression("y", 0, 1), Settings(12) with { Patience = 2, LearningRate = 1e-12 }, set, set, _ => null);
        Assert.Equal(3 + 2 + 1, loop.Run().Epoch);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void The_average_is_kept_step_by_step_validated_and_left_as_the_best(double decay)
    {
        var set = MixedSet(20);
        var task = new Regression("y", 0, 1);
        var settings = Settings(3) with { EmaDecay = decay };
        var plain = Settings(3);
        var average = new Dictionary<string, double[]>();
        var graph = Mixed();
        using (var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = Parameters(graph), MaxRows = 64 }))
        {
            foreach (var (name, values) in model.Capture().Weights) average[name] = [.. values.Select(v => (double)v)];
            var watcher = new EachStep(step =>
            {
                var d = Math.Min(decay, (1.0 + step) / (10 + step));
                foreach (var (name, values) in model.Capture().Weights)
                {
                    for (var i = 0; i < values.Length; i++) average[name][i] = d * average[name][i] + (1 - d) * values[i];
                }
            });
            new TrainingLoop(model, task, plain, set, set, _ => null).Run(watcher);
        }
        var again = Mixed();
        using var averaged = DenseCompiler.Compile(again, new CompileOptions { Trainable = Parameters(again), MaxRows = 64 });
        var validations = new List<float[]>();
        var loop = new TrainingLoop(averaged, task, settings with { Metric = new Falling() }, set, set, outputs =>
        {
            validations.Add(outputs.ToArray());
            return ScoredSet.Of(task, set.Targets!, outputs.ToArray());
        });
        var state = loop.Run();
        Assert.Equal(2, state.BestEpoch);
        foreach (var (name, values) in averaged.Capture().Weights)
        {
            for (var i = 0; i < values.Length; i++) Assert.Equal(average[name][i], values[i], 1e-5);
        }
        // What was validated last is what the model gives now; the raw weights went on as without an average.
        var outputs = new float[60];
        averaged.Predict(set, Rows(20), outputs);
        Assert.Equal(validations[^1], outputs);
        Assert.Contains("bn.running_mean", state.Average!.Keys);
    }

    private static List<TrainableWeight> Staged(Graph graph) => [.. Parameters(graph).Select(t => t with
    {
        FirstStep = t.Name.StartsWith("out", StringComparison.Ordinal) || t.Name.StartsWith("ln", StringComparison.Ordinal) ? 0 : t.Name.StartsWith("block", StringComparison.Ordinal) ? 3 : 6,
        WeightDecay = 0.1,
    })];

    private static List<TrainableWeight> Parameters(Graph graph) => [.. graph.Weights.All.Where(w => w.Role == Attune.Weights.WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))];

    private static TrainingSettings Settings(int epochs) => new()
    {
        Loss = new MeanSquaredError(),
        Optimizer = new AdamW(),
        Schedule = ScheduleCatalog.Create("constant", 100, 0),
        Metric = MetricCatalog.Get("rmse", MetricTasks.Regression),
        LearningRate = 0.01,
        Epochs = epochs,
        BatchSize = 10,
        MicroBatchSize = 10,
    };

    private sealed class EachStep(Action<long> action) : Callback
    {
        public override void Step(in StepReport report) => action(report.Step - 1);
    }

    private sealed class Falling : Metric
    {
        private double _value;

        public override string Name => "falling";

        public override string Description => "";

        public override bool HigherIsBetter => false;

        public override MetricTasks Tasks => MetricTasks.Regression;

        public override string Unit => "none";

        public override MetricValue Compute(Sample sample) => MetricValue.Of(--_value);
    }

    /// <summary>A planted fault: an engine that updates every weight from the first step on.</summary>
    private sealed class Eager(CompiledModel inner) : CompiledModel
    {
        public override Graph Graph => inner.Graph;

        public override int OutputWidth => inner.OutputWidth;

        public override IReadOnlyList<TrainableWeight> Trainable => inner.Trainable;

        public override double Accumulate(Attune.Encoding.EncodedSet set, ReadOnlySpan<int> rows, Loss loss, double normalizer, in MicroStep position) => inner.Accumulate(set, rows, loss, normalizer, position);

        public override double GradientNorm() => inner.GradientNorm();

        public override void Update(Optimizer optimizer, in UpdateStep update) => inner.Update(optimizer, update with { Step = update.Step + 6 });

        public override void ClearGradients() => inner.ClearGradients();

        public override void Predict(Attune.Encoding.EncodedSet set, ReadOnlySpan<int> rows, Span<float> outputs) => inner.Predict(set, rows, outputs);

        public override void ReadGradient(string weight, Span<float> destination) => inner.ReadGradient(weight, destination);

        public override void ReadWeight(string weight, Span<float> destination) => inner.ReadWeight(weight, destination);

        public override void WriteWeight(string weight, ReadOnlySpan<float> source) => inner.WriteWeight(weight, source);

        public override TrainingState Capture() => inner.Capture();

        public override void Restore(TrainingState state) => inner.Restore(state);

        public override void SaveWeights() => inner.SaveWeights();

        public override void Dispose() { }
    }
}
