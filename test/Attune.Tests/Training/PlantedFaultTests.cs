using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Methods;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Options;
using Attune.Schedules;
using Attune.Tests.Engines.Torch;
using Attune.Tests.Methods;
using Attune.Training;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Training;

/// <summary>Promise 5: each planted fault fails the check that names it, on both engines; sound models pass all of them.</summary>
public sealed class PlantedFaultTests
{
    /// <summary>Which check catches which fault.</summary>
    public static TheoryData<Fault, string> Faults => new()
    {
        { Fault.MeanOfMicroBatchMeans, "k micro-batches = one batch" },
        { Fault.DivisorOfTheLargestMicroBatch, "k micro-batches = one batch" },
        { Fault.FrozenWeightMoves, "frozen weights and buffers stay" },
        { Fault.FrozenStatisticsDrift, "frozen weights and statistics stay in a training pass" },
        { Fault.DropoutInEvaluation, "evaluation repeats to the bit and is finite" },
        { Fault.RowsLeak, "a row alone = the row in a batch" },
        { Fault.EvaluationMovesAWeight, "evaluation changes no weight" },
        { Fault.MissingGradient, "every trainable weight that moves the loss has a gradient" },
        { Fault.StaleTensors, "every trainable weight with a gradient moves" },
        { Fault.GradientNotFinite, "every trainable weight has a finite gradient" },
        { Fault.LateWeightMovesEarly, "weights that join later stay until then" },
        { Fault.WrongCachedRow, "rows from the prefix cache = rows computed" },
        { Fault.NotRestored, "the model is left to the bit" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Libtorch_faults_are_caught_by_name(Fault fault, string check)
    {
        var graph = TuningGraphs.Residual();
        var first = fault == Fault.LateWeightMovesEarly ? 3 : 0;
        var options = new CompileOptions
        {
            Trainable = [.. graph.Weights.All.Where(w => w.Name.StartsWith("layer2", StringComparison.Ordinal) && w.Role == Attune.Weights.WeightRole.Parameter).Select(w => new TrainableWeight(w.Name) { FirstStep = first }), new("fc.weight"), new("fc.bias")],
            FreezeBatchNorm = true,
            PrefixCache = new PrefixCacheOptions(),
        };
        using var model = new FaultyModel(TorchCompiler.Compile(graph, options), fault, "layer2.1.conv1.weight", fault == Fault.FrozenStatisticsDrift ? "layer1.0.bn1.running_mean" : "conv1.weight");
        Caught(SelfTest.Run(model, Pictures(), Settings(new CrossEntropy())), check);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Dense_faults_are_caught_by_name(Fault fault, string check)
    {
        if (fault == Fault.WrongCachedRow) return;   // this engine keeps no prefix
        var graph = Mixed();
        var options = new CompileOptions { Trainable = [new("in.weight"), new("out.weight"), new("ln.bias") { FirstStep = fault == Fault.LateWeightMovesEarly ? 3 : 0 }], MaxRows = 64, FreezeBatchNorm = true };
        using var model = new FaultyModel(DenseCompiler.Compile(graph, options), fault, "in.weight", fault == Fault.FrozenStatisticsDrift ? "bn.running_mean" : "block.weight");
        Caught(SelfTest.Run(model, MixedSet(60), Settings(new MeanSquaredError())), check);
    }

    [Fact]
    public void Adapters_that_are_no_identity_or_merge_wrongly_are_caught_by_name()
    {
        var plan = MethodPlan.For(TuningGraphs.Residual(), new MethodOptions { Name = "lora", Rank = 2, Target = ["layer2.*.conv1.weight"] }, 0, 0, new HashSet<string>());
        var set = Pictures();
        Assert.All(AdapterCheck.Run(plan, set, Compiled), c => Assert.True(c.Passed, $"{c.Name}: {c.Detail}"));
        Caught(AdapterCheck.Run(plan, set, graph => Compiled(Changed(graph, "layer2.0.conv1.lora_B.weight", w => w + 0.05f))), "fresh adapters change nothing");
        // As a merge that leaves the factors out.
        var fresh = plan.Adapted;
        Caught(AdapterCheck.Run(plan, set, graph => Compiled(graph.Weights.Contains("layer2.0.conv1.lora_B.weight") ? graph : plan.Merge(fresh))), "merged = unmerged");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    public void Labels_out_of_range_are_caught_by_name(int label)
    {
        var set = Pictures();
        set.Targets!.Labels![3] = label;
        using var model = TorchCompiler.Compile(TuningGraphs.Residual(), new CompileOptions { Trainable = [new("fc.weight")] });
        Caught(SelfTest.Run(model, set, Settings(new CrossEntropy())), "targets are finite and in range");
        set.Targets.Labels[3] = CrossEntropy.IgnoreIndex;
        Assert.All(SelfTest.Run(model, set, Settings(new CrossEntropy())), c => Assert.True(c.Passed, $"{c.Name}: {c.Detail}"));
    }

    [Theory]
    [InlineData("full")]
    [InlineData("head")]
    [InlineData("last-n")]
    [InlineData("bitfit")]
    [InlineData("norm-only")]
    [InlineData("lora")]
    public void Every_method_passes_on_sound_engines(string method)
    {
        foreach (var (name, build) in TuningGraphs.All)
        {
            if (name.EndsWith("without names", StringComparison.Ordinal) || (method == "norm-only" && name == "inverted")) continue;
            var graph = build();
            var plan = MethodPlan.For(graph, new MethodOptions { Name = method }, 0.01, 0, new HashSet<string>());
            var options = new CompileOptions { Trainable = plan.Trainable, FreezeBatchNorm = plan.FreezeBatchNorm, PrefixCache = new PrefixCacheOptions() };
            var classes = graph.Outputs[0].Shape![1].Size!.Value;
            var inputs = graph.Inputs.Select(i => Input(i, 12)).ToList();
            var set = new EncodedSet(12, inputs, Targets.Real([.. Numbers("t", 12 * (int)classes)], (int)classes));
            using var model = TorchCompiler.Compile(plan.Adapted, options);
            Assert.All(SelfTest.Run(model, set, Settings(new MeanSquaredError())), c => Assert.True(c.Passed, $"{method} {name}: {c.Name}: {c.Detail}"));
        }
    }

    [Fact]
    public void Pictures_take_few_rows()
    {
        var set = new EncodedSet(100, [new FloatInput("x", 4096, new float[409_600])]);
        Assert.Equal([0, 12, 25, 37, 50, 62, 75, 87], SelfTest.RowsOf(set, 64));
        Assert.Equal(4, SelfTest.RowsOf(set, 4).Length);
        Assert.Equal(48, SelfTest.RowsOf(MixedSet(60), 100).Length);
    }

    private static EncodedInput Input(ValueInfo input, int rows)
    {
        var width = (int)input.Shape!.Dimensions.Skip(1).Aggregate(1L, (product, d) => product * d.Size!.Value);
        return input.Type == DataType.Int64
            ? new IndexInput(input.Name, width, [.. Enumerable.Range(0, rows * width).Select(i => i % 4)])
            : new FloatInput(input.Name, width, Numbers(input.Name, rows * width));
    }

    private static EncodedSet Pictures() => new(14, [new FloatInput("image", 432, Numbers("pictures", 14 * 432))], Targets.Classes([.. Enumerable.Range(0, 14).Select(i => i % 4)]));

    private static TorchModel Compiled(Graph graph) => TorchCompiler.Compile(graph, new CompileOptions());

    private static Graph Changed(Graph graph, string name, Func<float, float> change)
    {
        if (!graph.Weights.TryGet(name, out var weight)) return graph;
        var changed = graph with { Weights = graph.Weights.DeepCopy() };
        changed.Weights.Replace(weight with { Value = Tensor.Of([.. weight.Value.Data.Span<float>().ToArray().Select(change)], [.. weight.Value.Sizes]) });
        return changed;
    }

    private static void Caught(IReadOnlyList<SelfTestCheck> checks, string name)
    {
        Assert.Contains(checks, c => c.Name == name);
        Assert.Contains(name, checks.Where(c => !c.Passed).Select(c => c.Name));
        Assert.Contains(name, Assert.Throws<TrainingException>(() => SelfTest.Demand(checks)).Message, StringComparison.Ordinal);
    }

    private static TrainingSettings Settings(Loss loss) => new()
    {
        Loss = loss,
        Optimizer = new AdamW(),
        Schedule = ScheduleCatalog.Create("constant", 10),
        Metric = MetricCatalog.Get("rmse", MetricTasks.Regression),
        LearningRate = 0.01,
        Epochs = 1,
        BatchSize = 48,
        MicroBatchSize = 48,
    };
}
