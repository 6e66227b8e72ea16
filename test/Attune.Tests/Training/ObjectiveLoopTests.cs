using Attune.Encoding;
using Attune.Engines;
using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Schedules;
using Attune.Tasks;
using Attune.Training;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Training;

/// <summary>What objectives ask of the loop: two passes a row, an adversarial pass, whole batches, validations that move the rate.</summary>
public sealed class ObjectiveLoopTests
{
    private static readonly Regression Task = new("y", 0, 1);

    [Theory, InlineData("dense"), InlineData("torch")]
    public void R_Drop_passes_each_row_twice_with_other_dropout_and_micro_batches_change_nothing(string engine)
    {
        var loss = new RDrop(new MeanSquaredError(), OutputKind.Identity, 1);
        using var one = Compile(engine, 0.3f);
        using var two = Compile(engine, 0f);
        var whole = Train(one, Settings(loss));
        Assert.NotEqual(whole, Train(Compile(engine, 0.3f), Settings(new MeanSquaredError())));
        // Without dropout both passes agree and it is the plain loss; then micro-batches are exact too.
        var plain = Train(Compile(engine, 0f), Settings(new MeanSquaredError()));
        Close(plain, Train(two, Settings(loss)), 2e-4);
        Close(plain, Train(Compile(engine, 0f), Settings(loss) with { MicroBatchSize = 7 }), 2e-4);
    }

    [Theory, InlineData("dense"), InlineData("torch")]
    public void Fgm_adds_the_gradient_at_tables_moved_along_theirs_and_puts_them_back(string engine)
    {
        const double epsilon = 0.5;
        using var model = Compile(engine, 0f);
        using var other = Compile(engine, 0f);
        var set = MixedSet(20);
        new TrainingLoop(model, Task, Settings(new MeanSquaredError()) with { FgmEpsilon = epsilon, Epochs = 1, Optimizer = new Sgd() }, set, MixedSet(6), _ => null).Run();

        // The same step written out.
        var order = new EpochSampler(20, 3).Epoch(0).ToArray();
        void Pass() => other.Accumulate(set, order, new MeanSquaredError(), 60, new MicroStep(0, 0));
        Pass();
        float[] table = new float[45], gradient = new float[45];
        other.ReadWeight("table", table);
        other.ReadGradient("table", gradient);
        var norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
        other.WriteWeight("table", [.. table.Zip(gradient, (w, g) => w + (float)(epsilon / norm) * g)]);
        Pass();
        other.WriteWeight("table", table);
        other.Update(new Sgd(), new UpdateStep(0, 0.01, 0, 1));
        Close(Read(other), Read(model), 1e-6);
    }

    [Fact]
    public void Fgm_without_a_table_that_trains_is_refused()
    {
        using var model = ModelEngine.Compile(Mixed(), new CompileOptions { Trainable = [new("out.weight")], MaxRows = 64, FreezeBatchNorm = true });
        Assert.Contains("no table of this network trains", Assert.Throws<OptionsException>(() => new TrainingLoop(model, Task, Settings(new MeanSquaredError()) with { FgmEpsilon = 1 }, MixedSet(20), MixedSet(6), _ => null)).Message);
    }

    [Fact]
    public void Trap_1_a_loss_that_compares_rows_refuses_micro_batches_and_a_missing_teacher_is_named()
    {
        using var model = Compile("dense", 0f);
        var set = MixedSet(20, classes: true);
        var settings = Settings(new SupervisedContrastive());
        new TrainingLoop(model, Task, settings, set, set, _ => null).Run();
        Assert.Contains("compares the rows of a batch", Assert.Throws<OptionsException>(() => new TrainingLoop(model, Task, settings with { MicroBatchSize = 5 }, set, set, _ => null)).Message);
        Assert.Contains("teacher", Assert.Throws<ArgumentException>(() => new TrainingLoop(model, Task, Settings(new Distillation(new MeanSquaredError(), OutputKind.Identity)), set, set, _ => null)).Message);
    }

    [Fact]
    public void Trap_3_a_step_whose_rows_are_all_masked_is_refused()
    {
        using var model = Compile("dense", 0f);
        var masked = new EncodedSet(20, MixedSet(20).Inputs, Targets.Classes([.. Enumerable.Repeat(CrossEntropy.IgnoreIndex, 20)]));
        foreach (var loss in new Loss[] { new CrossEntropy(), new FocalLoss(), new OrdinalLoss() })
            Assert.Contains("none of its 20 rows counts", Assert.Throws<TrainingException>(() => new TrainingLoop(model, Task, Settings(loss), masked, masked, _ => null).Run()).Message);
    }

    [Fact]
    public void Trap_33_plateau_lowers_the_rate_after_validations_and_its_memory_survives_a_stop()
    {
        var settings = Settings(new MeanSquaredError()) with { Schedule = new PlateauSchedule(8, 0, 0.5, patience: 1), Epochs = 8, Metric = new Flat() };
        var (whole, rates) = Run(null, null);
        Assert.Equal([0.01, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025, 0.00125], rates.Select(r => Math.Round(r, 8)));
        var (stopped, before) = Run(null, 4);
        var (resumed, after) = Run(stopped, null);
        Assert.Equal(rates, [.. before, .. after]);
        Assert.Equal(whole.Plateau, resumed.Plateau);

        (LoopState, List<double>) Run(LoopState? state, int? stopAfter)
        {
            using var model = Compile("dense", 0f);
            using var stop = new CancellationTokenSource();
            var watcher = new Rates(stopAfter, stop);
            var loop = new TrainingLoop(model, Task, settings, MixedSet(20), MixedSet(6), _ => new RegressionScores([1, 2], [1, 2]));
            return (loop.Run(state, [watcher], _ => { }, TimeProvider.System, stop.Token), watcher.Seen);
        }
    }

    private static TrainingSettings Settings(Loss loss) => new()
    {
        Loss = loss,
        Optimizer = new AdamW(),
        Schedule = ScheduleCatalog.Create("constant", 100),
        Metric = new Flat(),
        LearningRate = 0.01,
        Epochs = 3,
        BatchSize = 20,
        MicroBatchSize = 20,
        Seed = 3,
    };

    private static Dictionary<string, float[]> Train(CompiledModel model, TrainingSettings settings)
    {
        new TrainingLoop(model, Task, settings, MixedSet(20), MixedSet(6), _ => null).Run(null, [], _ => { }, TimeProvider.System, CancellationToken.None);
        return Read(model);
    }

    private static Dictionary<string, float[]> Read(CompiledModel model) => model.Capture().Weights.ToDictionary(w => w.Key, w => w.Value);

    private static void Close(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual, double limit)
    {
        foreach (var (name, values) in expected)
            for (var i = 0; i < values.Length; i++) Assert.True(Math.Abs(values[i] - actual[name][i]) <= limit, $"{name}[{i}]: {values[i]} and {actual[name][i]}");
    }

    private static CompiledModel Compile(string engine, float dropout)
    {
        var graph = Mixed(dropout);
        return ModelEngine.Compile(graph, new CompileOptions { Trainable = [.. graph.Weights.All.Where(w => w.Role == Attune.Weights.WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))], MaxRows = 64, FreezeBatchNorm = true }, engine);
    }

    private sealed class Rates(int? stopAfter, CancellationTokenSource stop) : Callback
    {
        public List<double> Seen { get; } = [];

        public override void Step(in StepReport report)
        {
            Seen.Add(report.LearningRate);
            if (report.Step == stopAfter) stop.Cancel();
        }
    }

    /// <summary>A metric that never gets better.</summary>
    private sealed class Flat : Metric
    {
        public override string Name => "flat";

        public override string Unit => "none";

        public override bool HigherIsBetter => false;

        public override MetricTasks Tasks => MetricTasks.Regression;

        public override string Description => "Always 1.";

        public override MetricValue Compute(Sample sample) => MetricValue.Of(1);
    }
}
