using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Engines;

/// <summary>What every engine promises; each test runs on both.</summary>
public sealed class EngineContractTests
{
    private static readonly MeanSquaredError Mse = new();

    public static TheoryData<string> Engines => ["dense", "torch"];

    [Theory]
    [MemberData(nameof(Engines))]
    public void Traps_1_and_2_ragged_micro_batches_equal_one_batch(string engine)
    {
        using var model = Compile(engine, Mixed());
        var set = MixedSet(37);
        var whole = model.Accumulate(set, Rows(37), Mse, 111, new MicroStep(0, 0, TrainingMode.Deterministic));
        var expected = Gradients(model);
        model.ClearGradients();
        Assert.Equal(0, model.GradientNorm());
        var parts = 0.0;
        foreach (var (start, count) in new[] { (0, 5), (5, 17), (22, 1), (23, 14) })
            parts += model.Accumulate(set, Rows(count, start), Mse, 111, new MicroStep(0, start, TrainingMode.Deterministic));
        Assert.Equal(whole, parts, 1e-4);
        Close(expected, Gradients(model), 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Trap_24_frozen_weights_and_buffers_stay_byte_for_byte(string engine)
    {
        var graph = Mixed();
        var before = graph.Weights.DeepCopy();
        using (var model = ModelEngine.Compile(graph, new CompileOptions { Trainable = [new("out.weight"), new("ln.bias")], MaxRows = 64, FreezeBatchNorm = true }, engine))
        {
            Assert.Equal(["ln.bias", "out.weight"], model.Capture().Weights.Keys.Order());
            for (var step = 0; step < 3; step++) Train(model, MixedSet(40), step);
            model.SaveWeights();
        }
        foreach (var weight in before.All)
            Assert.Equal(weight.Name is "out.weight" or "ln.bias", !weight.Value.Data.Span<byte>().SequenceEqual(graph.Weights[weight.Name].Value.Data.Span<byte>()));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Trap_20_every_trainable_weight_moves(string engine)
    {
        var graph = Mixed();
        using var model = Compile(engine, graph);
        for (var step = 0; step < 3; step++) Train(model, MixedSet(40), step);
        foreach (var (name, values) in model.Capture().Weights) Assert.NotEqual(graph.Weights[name].Value.Data.Span<float>().ToArray(), values);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Trap_33_a_restored_state_continues_to_the_bit(string engine)
    {
        using var model = Compile(engine, Mixed());
        var set = MixedSet(40);
        for (var step = 0; step < 3; step++) Train(model, set, step);
        var state = model.Capture();
        for (var step = 3; step < 6; step++) Train(model, set, step);
        var expected = model.Capture();
        model.Accumulate(set, Rows(5), Mse, 15, new MicroStep(9, 0));   // gradients that were left over do not come along
        foreach (var other in new[] { model, Compile(engine, Mixed()) })
        {
            other.Restore(state);
            for (var step = 3; step < 6; step++) Train(other, set, step);
            var actual = other.Capture();
            Same(expected.Weights, actual.Weights);
            Same(expected.State(0), actual.State(0));
            Same(expected.State(1), actual.State(1));
            if (other != model) other.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void The_same_seed_and_threads_give_the_same_bits(string engine)
    {
        foreach (var threads in (int[])[1, 2])
        {
            var runs = new List<TrainingState>();
            foreach (var seed in (ulong[])[4, 4, 5])
            {
                using var model = Compile(engine, Mixed(), threads, seed);
                for (var step = 0; step < 5; step++) Train(model, MixedSet(40), step);
                runs.Add(model.Capture());
            }
            Same(runs[0].Weights, runs[1].Weights);
            Assert.NotEqual(runs[0].Weights["in.weight"], runs[2].Weights["in.weight"]);
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Batch_norm_follows_torch(string engine)
    {
        // x = [[1, 2], [3, 6]], weight [1, 2], bias [0, 1], running mean 0 and variance 1, momentum 0.1
        var graph = Build(2, 2, (g, x) =>
        {
            g.Weight("n.weight", Tensor.Of([1f, 2], 2));
            g.Weight("n.bias", Tensor.Of([0f, 1], 2));
            g.Weight("n.running_mean", Tensor.Of([0f, 0], 2), WeightRole.Buffer);
            g.Weight("n.running_var", Tensor.Of([1f, 1], 2), WeightRole.Buffer);
            return g.BatchNorm(x, "n");
        });
        using var model = ModelEngine.Compile(graph, new CompileOptions { Trainable = [new("n.weight"), new("n.bias")], MaxRows = 4 }, engine);
        var set = new EncodedSet(2, [new FloatInput("x", 2, [1, 2, 3, 6])], Targets.Real([0, 0, 0, 0], 2));
        Assert.Equal(12, model.Accumulate(set, Rows(2), Mse, 1, new MicroStep(0, 0)), 1e-3);
        Assert.Equal([0.2f, 0.4f], Read(model, "n.running_mean").Select(v => MathF.Round(v, 6)));
        Assert.Equal([1.1f, 1.7f], Read(model, "n.running_var").Select(v => MathF.Round(v, 6)));   // unbiased
        var outputs = new float[4];
        model.Predict(set, Rows(2), outputs);
        Assert.Equal(0.8f / MathF.Sqrt(1.1f + 1e-5f), outputs[0], 1e-5f);
        Assert.Equal(2 * (5.6f / MathF.Sqrt(1.7f + 1e-5f)) + 1, outputs[3], 1e-5f);
        var mean = Read(model, "n.running_mean");
        model.Accumulate(set, [0], Mse, 1, new MicroStep(1, 0));    // one row has no variance
        model.Accumulate(set, Rows(2), Mse, 1, new MicroStep(1, 1, TrainingMode.Deterministic));
        Assert.Equal(mean, Read(model, "n.running_mean"));
    }

    [Fact]
    public void Dropout_masks_are_the_same_in_both_engines()
    {
        var graph = Build(50, 50, (g, x) => g.Dropout(x, 0.3f));
        var ones = new EncodedSet(100, [new FloatInput("x", 50, [.. Enumerable.Repeat(1f, 5000)])], Targets.Real(Numbers("mask", 5000), 50));
        var sums = new List<double>();
        foreach (var engine in (string[])["dense", "torch"])
        {
            using var model = ModelEngine.Compile(graph, new CompileOptions { MaxRows = 100, Seed = 9 }, engine);
            sums.Add(model.Accumulate(ones, Rows(100), Mse, 1, new MicroStep(3, 2)));
            Assert.NotEqual(sums[^1], model.Accumulate(ones, Rows(100), Mse, 1, new MicroStep(3, 1)));
            Assert.NotEqual(sums[^1], model.Accumulate(ones, Rows(100), Mse, 1, new MicroStep(2, 2)));
            var outputs = new float[5000];
            model.Predict(ones, Rows(100), outputs);
            Assert.All(outputs, o => Assert.Equal(1, o));
        }
        Assert.Equal(sums[0], sums[1], 1e-3);   // squares against random targets: another mask moves them by tens
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Weights_are_pulled_to_their_start(string engine)
    {
        var graph = Build(3, 2, (g, x) => Linear(g, x, "a", 3, 2));
        using var model = ModelEngine.Compile(graph, new CompileOptions { Trainable = [new("a.weight", L2Sp: 0.5), new("a.bias")] }, engine);
        var moved = Read(model, "a.weight").Select(v => v + 2).ToArray();
        model.WriteWeight("a.weight", moved);
        Assert.All(Gradients(model)["a.weight"], g => Assert.Equal(1, g, 1e-5f));
        Assert.Equal(Math.Sqrt(6), model.GradientNorm(), 1e-5);
        model.Update(new Sgd(), new UpdateStep(0, 1, 0, 1));
        var after = Read(model, "a.weight");
        for (var i = 0; i < 6; i++) Assert.Equal(moved[i] - 1, after[i], 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Weights_that_join_later_wait_and_then_start_anew(string engine)
    {
        var graph = Build(3, 2, (g, x) => Linear(g, g.Relu(Linear(g, x, "a", 3, 4)), "b", 4, 2));
        using var model = ModelEngine.Compile(graph, new CompileOptions { Trainable = [new("a.weight", WeightDecay: 0.1) { FirstStep = 2 }, new("b.weight")] }, engine);
        var set = Set(8, 3, 2);
        var start = Read(model, "a.weight");
        for (var step = 0; step < 3; step++)
        {
            model.Accumulate(set, Rows(8), Mse, 16, new MicroStep(step, 0));
            if (step < 2) Assert.True(model.GradientNorm(step) < model.GradientNorm(2));
            else Assert.Equal(model.GradientNorm(), model.GradientNorm(2));
            model.Update(new AdamW(), new UpdateStep(step, 0.01, 0, 1));
            if (step < 2) Assert.Equal(start, Read(model, "a.weight"));
        }
        // Adam's first step is the rate in each element's direction, beside the decay.
        var after = Read(model, "a.weight");
        for (var i = 0; i < start.Length; i++) Assert.Equal(0.01, Math.Abs(after[i] - start[i] * (1 - 0.001)), 1e-4);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Trap_47_a_shared_weight_gets_the_gradients_of_all_uses(string engine)
    {
        Graph Twice(bool shared) => Build(4, 4, (g, x) =>
        {
            var weight = g.Weight("w", Tensor.Of(Numbers("w", 16, 0.5f), 4, 4));
            var other = shared ? weight : g.Weight("v", Tensor.Of(Numbers("w", 16, 0.5f), 4, 4));
            return g.Node("MatMul", [g.Tanh(g.Node("MatMul", [x, weight])), other]);
        });
        using var one = Compile(engine, Twice(true));
        using var two = Compile(engine, Twice(false));
        var set = Set(9, 4, 4);
        one.Accumulate(set, Rows(9), Mse, 36, new MicroStep(0, 0));
        two.Accumulate(set, Rows(9), Mse, 36, new MicroStep(0, 0));
        var parts = Gradients(two);
        Close(new Dictionary<string, float[]> { ["w"] = [.. parts["w"].Zip(parts["v"], (a, b) => a + b)] }, Gradients(one), 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Trap_37_targets_of_another_width_are_refused(string engine)
    {
        using var model = Compile(engine, Mixed());
        var set = new EncodedSet(8, MixedSet(8).Inputs, Targets.Real(new float[8]));
        Assert.ThrowsAny<ArgumentException>(() => model.Accumulate(set, Rows(8), Mse, 8, new MicroStep(0, 0)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Trap_23_evaluation_repeats_after_a_pass_that_failed(string engine)
    {
        using var model = Compile(engine, Mixed());
        var set = MixedSet(30);
        float[] first = new float[90], second = new float[90];
        model.Predict(set, Rows(30), first);
        model.Accumulate(set, Rows(30), Mse, 90, new MicroStep(0, 0, TrainingMode.Deterministic));
        Assert.ThrowsAny<ArgumentException>(() => model.Accumulate(new EncodedSet(30, set.Inputs, Targets.Real(new float[30])), Rows(30), Mse, 8, new MicroStep(0, 0, TrainingMode.Deterministic)));
        model.Predict(set, Rows(30), second);
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.3f)]
    public void Both_engines_agree_over_a_hundred_steps(float dropout)
    {
        var losses = new List<double[]>();
        foreach (var engine in (string[])["dense", "torch"])
        {
            using var model = Compile(engine, Mixed(dropout));
            var (set, mine) = (MixedSet(64, classes: true), new double[100]);
            for (var step = 0; step < 100; step++)
            {
                mine[step] = (model.Accumulate(set, Rows(20, step % 40), new CrossEntropy(), 31, new MicroStep(step, 0)) + model.Accumulate(set, Rows(11, step % 50), new CrossEntropy(), 31, new MicroStep(step, 1))) / 31;
                model.Update(new AdamW(), new UpdateStep(step, 0.003, 0, (float)Math.Min(1, 1 / model.GradientNorm())));
            }
            losses.Add(mine);
        }
        for (var step = 0; step < 100; step++) Assert.Equal(losses[0][step], losses[1][step], 1e-4 * Math.Max(1, losses[0][step]));
        Assert.True(losses[0][99] < 0.7 * losses[0][0]);
    }

    internal static CompiledModel Compile(string engine, Graph graph, int threads = 1, ulong seed = 1) => ModelEngine.Compile(graph, new CompileOptions
    {
        Trainable = [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))],
        MaxRows = 64,
        Threads = threads,
        Seed = seed,
    }, engine);

    internal static float[] Read(CompiledModel model, string name)
    {
        var values = new float[model.Graph.Weights[name].Count];
        model.ReadWeight(name, values);
        return values;
    }

    internal static Dictionary<string, float[]> Gradients(CompiledModel model) => model.Trainable.ToDictionary(t => t.Name, t =>
    {
        var gradient = new float[model.Graph.Weights[t.Name].Count];
        model.ReadGradient(t.Name, gradient);
        return gradient;
    });

    internal static void Same(IReadOnlyDictionary<string, float[]> expected, IReadOnlyDictionary<string, float[]> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.NotEmpty(expected);
        foreach (var (name, values) in expected) Assert.Equal(values, actual[name]);
    }

    internal static void Close(IReadOnlyDictionary<string, float[]> expected, IReadOnlyDictionary<string, float[]> actual, float tolerance)
    {
        foreach (var (name, values) in expected)
        {
            var largest = Math.Max(1, values.Max(Math.Abs));
            for (var i = 0; i < values.Length; i++) Assert.Equal(values[i], actual[name][i], tolerance * largest);
        }
    }

    private static void Train(CompiledModel model, EncodedSet set, int step)
    {
        model.Accumulate(set, Rows(33, step), Mse, 99, new MicroStep(step, 0));
        model.Update(new AdamW(), new UpdateStep(step, 0.01, 0, 1));
    }
}
