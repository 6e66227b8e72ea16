using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Engines.Dense;

public sealed class DenseModelTests
{
    private static readonly MeanSquaredError Mse = new();

    [Fact]
    public void Ragged_micro_batches_equal_one_batch()
    {
        var graph = Mixed();
        using var model = Compile(graph);
        var set = MixedSet(37);
        var whole = model.Accumulate(set, Rows(37), Mse, 111, new MicroStep(0, 0, TrainingMode.Deterministic));
        var expected = Gradients(model);
        model.ClearGradients();
        var parts = 0.0;
        foreach (var (start, count) in new[] { (0, 5), (5, 17), (22, 1), (23, 14) })
            parts += model.Accumulate(set, Rows(count, start), Mse, 111, new MicroStep(0, start, TrainingMode.Deterministic));
        Assert.Equal(whole, parts, 1e-4);
        Close(expected, Gradients(model), 1e-5f);
    }

    [Fact]
    public void Same_seed_and_threads_give_the_same_bits_and_two_threads_nearly_the_same()
    {
        var runs = new List<TrainingState>();
        foreach (var (threads, seed) in new[] { (1, 4UL), (1, 4UL), (2, 4UL), (2, 4UL), (3, 4UL), (1, 5UL) })
        {
            using var model = Compile(Wide(), threads, seed);
            var set = MixedSet(512);
            for (var step = 0; step < 5; step++)
            {
                model.Accumulate(set, Rows(384, 16 * step), Mse, 3 * 400, new MicroStep(step, 0));
                model.Accumulate(set, Rows(16, 16 * step), Mse, 3 * 400, new MicroStep(step, 1));
                model.Update(new AdamW(), new UpdateStep(step, 0.01, 0, 1));
            }
            runs.Add(model.Capture());
        }
        Same(runs[0].Weights, runs[1].Weights);
        Same(runs[2].Weights, runs[3].Weights);
        Close(runs[0].Weights, runs[2].Weights, 2e-3f);
        Close(runs[0].Weights, runs[4].Weights, 2e-3f);
        Assert.NotEqual(runs[0].Weights["w.weight"], runs[2].Weights["w.weight"]);
        Assert.NotEqual(runs[0].Weights["w.weight"], runs[5].Weights["w.weight"]);
    }

    [Fact]
    public void Frozen_weights_and_buffers_stay_byte_for_byte_and_the_others_move()
    {
        var graph = Mixed();
        var before = graph.Weights.DeepCopy();
        using (var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [new("out.weight"), new("ln.bias")], MaxRows = 64, FreezeBatchNorm = true }))
        {
            for (var step = 0; step < 3; step++) Train(model, MixedSet(40), step);
            model.SaveWeights();
        }
        foreach (var weight in before.All)
        {
            var moved = !weight.Value.Data.Span<byte>().SequenceEqual(graph.Weights[weight.Name].Value.Data.Span<byte>());
            Assert.Equal(weight.Name is "out.weight" or "ln.bias", moved);
        }
    }

    [Fact]
    public void Every_trainable_weight_moves()
    {
        var graph = Mixed();
        using var model = Compile(graph);
        for (var step = 0; step < 3; step++) Train(model, MixedSet(40), step);
        foreach (var (name, values) in model.Capture().Weights) Assert.NotEqual(DenseParameter.Floats(graph.Weights[name].Value), values);
    }

    [Fact]
    public void Restored_state_continues_to_the_bit()
    {
        using var model = Compile(Mixed());
        var set = MixedSet(40);
        for (var step = 0; step < 3; step++) Train(model, set, step);
        var state = model.Capture();
        for (var step = 3; step < 6; step++) Train(model, set, step);
        var expected = model.Capture();
        using var other = Compile(Mixed());
        other.Restore(state);
        for (var step = 3; step < 6; step++) Train(other, set, step);
        var actual = other.Capture();
        Same(expected.Weights, actual.Weights);
        Same(expected.State(0), actual.State(0));
        Same(expected.State(1), actual.State(1));
    }

    [Fact]
    public void Weights_are_read_and_written_in_the_stores_layout()
    {
        var graph = Mixed();
        using var model = Compile(graph);
        foreach (var weight in graph.Weights.All.Where(w => w.Role != WeightRole.Constant))
        {
            var values = new float[weight.Count];
            model.ReadWeight(weight.Name, values);
            Assert.Equal(DenseParameter.Floats(weight.Value), values);
            for (var i = 0; i < values.Length; i++) values[i] = i + 1;
            model.WriteWeight(weight.Name, values);
            var again = new float[weight.Count];
            model.ReadWeight(weight.Name, again);
            Assert.Equal(values, again);
        }
    }

    [Fact]
    public void Dropout_drops_its_share_scales_the_rest_and_rests_in_evaluation()
    {
        var graph = Build(50, 50, (g, x) => g.Dropout(x, 0.3f));
        using var model = DenseCompiler.Compile(graph, new CompileOptions { MaxRows = 1000, Seed = 9 });
        var ones = new EncodedSet(1000, [new FloatInput("x", 50, [.. Enumerable.Repeat(1f, 50_000)])], Targets.Real(new float[50_000], 50));
        // The squares of kept elements are 1/0.49 each.
        var kept = model.Accumulate(ones, Rows(1000), Mse, 1, new MicroStep(0, 0)) * 0.49 / 50_000;
        Assert.InRange(kept, 0.69, 0.71);
        Assert.NotEqual(kept, model.Accumulate(ones, Rows(1000), Mse, 1, new MicroStep(1, 0)) * 0.49 / 50_000);
        Assert.Equal(50_000, model.Accumulate(ones, Rows(1000), Mse, 1, new MicroStep(0, 0, TrainingMode.Deterministic)), 1e-6);
        var outputs = new float[50_000];
        model.Predict(ones, Rows(1000), outputs);
        Assert.All(outputs, o => Assert.Equal(1, o));
    }

    [Fact]
    public void Batch_norm_follows_torch()
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
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [new("n.weight"), new("n.bias")], MaxRows = 4 });
        var set = new EncodedSet(2, [new FloatInput("x", 2, [1, 2, 3, 6])], Targets.Real([0, 0, 0, 0], 2));
        // Outputs are ±1·w + b up to epsilon: -1, -1, 1, 3; the sum of squares is 1 + 1 + 1 + 9.
        Assert.Equal(12, model.Accumulate(set, Rows(2), Mse, 1, new MicroStep(0, 0)), 1e-3);
        float[] mean = new float[2], variance = new float[2];
        model.ReadWeight("n.running_mean", mean);
        model.ReadWeight("n.running_var", variance);
        Assert.Equal(0.2f, mean[0], 1e-6f);
        Assert.Equal(0.4f, mean[1], 1e-6f);
        Assert.Equal(1.1f, variance[0], 1e-6f);   // 0.9 + 0.1 · 2, unbiased
        Assert.Equal(1.7f, variance[1], 1e-6f);   // 0.9 + 0.1 · 8
        var outputs = new float[4];
        model.Predict(set, Rows(2), outputs);
        Assert.Equal(0.8f / MathF.Sqrt(1.1f + 1e-5f), outputs[0], 1e-5f);
        Assert.Equal(2 * (5.6f / MathF.Sqrt(1.7f + 1e-5f)) + 1, outputs[3], 1e-5f);
        model.Accumulate(set, [0], Mse, 1, new MicroStep(1, 0));
        var after = new float[2];
        model.ReadWeight("n.running_mean", after);
        Assert.Equal(mean, after);
    }

    [Fact]
    public void Batch_norm_statistics_do_not_depend_on_threads()
    {
        var results = new List<IReadOnlyDictionary<string, float[]>>();
        foreach (var threads in (int[])[1, 2, 3])
        {
            using var model = Compile(Wide(), threads);
            model.Accumulate(MixedSet(512), Rows(512), Mse, 512, new MicroStep(0, 0));
            results.Add(model.Capture().Weights);
        }
        Assert.NotEqual(new float[2], results[0]["bn.running_mean"][..2]);
        Close(results[0], results[1], 1e-5f);
        Close(results[0], results[2], 1e-5f);
    }

    [Fact]
    public void Table_gradients_update_like_dense_ones()
    {
        // A one-hot product has the dense gradient of the table that the lookup has sparsely.
        const int rows = 24, table = 50, width = 6;
        var initial = Numbers("table", table * width);
        var sparse = new GraphBuilder("sparse");
        var c = sparse.Input("c", DataType.Int64, new Shape("B"));
        sparse.Weight("table", Tensor.Of(initial, table, width));
        sparse.Output(sparse.Embedding(c, "table"), "y", DataType.Float, new Shape("B", width));
        var dense = Build(table, width, (g, x) => g.Node("MatMul", [x, g.Weight("table", Tensor.Of(initial, table, width))]));
        using var a = DenseCompiler.Compile(sparse.Build(), new CompileOptions { Trainable = [new("table", 1, 0.1)], MaxRows = rows });
        using var b = DenseCompiler.Compile(dense, new CompileOptions { Trainable = [new("table", 1, 0.1)], MaxRows = rows });
        for (var step = 0; step < 6; step++)
        {
            int[] indices = [.. Enumerable.Range(0, rows).Select(i => (i * i + 7 * step) % (step % 2 == 0 ? table : 11))];
            var hot = new float[rows * table];
            for (var i = 0; i < rows; i++) hot[i * table + indices[i]] = 1;
            var targets = Targets.Real(Numbers("t" + step, rows * width), width);
            a.Accumulate(new EncodedSet(rows, [new IndexInput("c", 1, indices)], targets), Rows(rows), Mse, rows, new MicroStep(step, 0));
            b.Accumulate(new EncodedSet(rows, [new FloatInput("x", table, hot)], targets), Rows(rows), Mse, rows, new MicroStep(step, 0));
            Assert.Equal(a.GradientNorm(), b.GradientNorm(), 1e-6);
            a.Update(new AdamW(), new UpdateStep(step, 0.01, 0, 1));
            b.Update(new AdamW(), new UpdateStep(step, 0.01, 0, 1));
        }
        Same(b.Capture().Weights, a.Capture().Weights);
        Same(b.Capture().State(1), a.Capture().State(1));
    }

    [Fact]
    public void Weights_are_pulled_to_their_start()
    {
        var graph = Build(3, 2, (g, x) => Linear(g, x, "a", 3, 2));
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [new("a.weight", L2Sp: 0.5), new("a.bias")] });
        var start = new float[6];
        model.ReadWeight("a.weight", start);
        var moved = start.Select(v => v + 2).ToArray();
        model.WriteWeight("a.weight", moved);
        var gradient = new float[6];
        model.ReadGradient("a.weight", gradient);
        Assert.All(gradient, g => Assert.Equal(1, g, 1e-5f));
        Assert.Equal(Math.Sqrt(6), model.GradientNorm(), 1e-5);
        model.Update(new Sgd(), new UpdateStep(0, 1, 0, 1));
        model.ReadWeight("a.weight", gradient);
        for (var i = 0; i < 6; i++) Assert.Equal(moved[i] - 1, gradient[i], 1e-5f);
    }

    [Fact]
    public void A_row_alone_equals_the_row_in_a_batch_to_the_bit()
    {
        using var model = Compile(Mixed());
        var set = MixedSet(150);
        var all = new float[150 * 3];
        model.Predict(set, Rows(150), all);
        var one = new float[3];
        for (var row = 0; row < 150; row++)
        {
            model.Predict(set, [row], one);
            Assert.Equal(all[(3 * row)..(3 * row + 3)], one);
        }
    }

    [Fact]
    public void Warm_steps_allocate_nothing()
    {
        using var model = Compile(Mixed());
        var (set, rows, optimizer, loss) = (MixedSet(64, classes: true), Rows(48), new Adam(), new CrossEntropy());
        void Step(int step)
        {
            model.Accumulate(set, rows, loss, 48, new MicroStep(step, 0));
            model.GradientNorm();
            model.Update(optimizer, new UpdateStep(step, 1e-3, 0, 1));
        }
        for (var step = 0; step < 50; step++) Step(step);
        Assert.Equal(0, FewestAllocated(Step));
    }

    // The runtime allocates once in a while for itself (recompiled code); a step that allocates shows in every window of 1,000.
    private static long FewestAllocated(Action<int> step) => Enumerable.Range(0, 5).Min(_ =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) step(i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });

    [Fact]
    public void Wide_inputs_are_gathered_in_any_order_without_allocation()
    {
        var graph = Build(200, 3, (g, x) => Linear(g, g.Relu(Linear(g, x, "a", 200, 80)), "b", 80, 3));
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [new("a.weight"), new("b.weight")], MaxRows = 64 });
        var set = Set(90, 200, 3);
        float[] all = new float[270], one = new float[3];
        int[] order = [.. Rows(90).Select(r => r * 37 % 90)];
        model.Predict(set, order, all);
        for (var i = 0; i < 90; i++)
        {
            model.Predict(set, [order[i]], one);
            Assert.Equal(all[(3 * i)..(3 * i + 3)], one);
        }
        var rows = order[..63];
        model.Accumulate(set, rows, Mse, 63, new MicroStep(0, 0));
        Assert.Equal(0, FewestAllocated(step => model.Accumulate(set, rows, Mse, 63, new MicroStep(step, 0))));
    }

    [Fact]
    public void Inner_values_can_be_computed()
    {
        var graph = Mixed(0);
        using var model = DenseCompiler.Compile(graph, new CompileOptions { Output = graph.Nodes.First(n => n.Operator == "Relu").Outputs[0] });
        Assert.Equal(20, model.OutputWidth);
        var outputs = new float[40];
        model.Predict(MixedSet(8), [1, 2], outputs);
        Assert.All(outputs, o => Assert.True(o >= 0));
        Assert.Contains(outputs, o => o > 0);
    }

    [Fact]
    public void Silly_input_is_refused_with_names()
    {
        using var model = Compile(Mixed());
        Span<float> Outputs() => new float[3];
        Assert.Contains("has no input 'x'", Assert.Throws<ArgumentException>(() => model.Predict(new EncodedSet(1, []), [0], Outputs())).Message);
        Assert.Contains("width 7; the set's block has 6", Assert.Throws<ArgumentException>(() => model.Predict(Set(1, 6, 1), [0], Outputs())).Message);
        var outside = new EncodedSet(1, [new FloatInput("x", 7, new float[7]), new IndexInput("c", 1, [9])]);
        Assert.Contains("index of row 0 of the batch is 9; table 'table' has 9 rows", Assert.Throws<ArgumentException>(() => model.Predict(outside, [0], Outputs())).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Predict(MixedSet(3), [3], Outputs()));
        Assert.Throws<ArgumentException>(() => model.Accumulate(MixedSet(300), Rows(300), Mse, 300, new MicroStep(0, 0)));
        Assert.Contains("no targets", Assert.Throws<ArgumentException>(() => model.Accumulate(outside, [0], Mse, 1, new MicroStep(0, 0))).Message);
        Assert.Throws<WeightsException>(() => DenseCompiler.Compile(Mixed(), new CompileOptions { Trainable = [new("nothing")] }));
    }

    [Fact]
    public void A_failing_shard_is_reported_and_the_model_stays_usable()
    {
        using var model = Compile(Wide(), threads: 2);
        var labels = new int[512];
        labels[500] = 77;
        var bad = new EncodedSet(512, MixedSet(512).Inputs, Targets.Classes(labels));
        Assert.Contains("77", Assert.Throws<ArgumentException>(() => model.Accumulate(bad, Rows(512), new CrossEntropy(), 512, new MicroStep(0, 0))).Message);
        Assert.True(model.Accumulate(bad, Rows(400), new CrossEntropy(), 512, new MicroStep(0, 0)) > 0);
    }

    [Fact]
    public void Graphs_that_cannot_run_are_refused_by_node_name()
    {
        var graph = Build(4, 4, (g, x) => g.Node("Cos", [x], name: "stem"));
        Assert.False(DenseCompiler.CanRun(graph, null, out var reason));
        Assert.StartsWith("Node 'stem' (Cos):", reason, StringComparison.Ordinal);
        Assert.True(DenseCompiler.CanRun(Mixed(), null, out reason));
        Assert.Equal("", reason);
        Assert.False(DenseCompiler.CanRun(Mixed(), "nowhere", out reason));
        Assert.Contains("'nowhere'", reason);
    }

    private static Graph Wide()
    {
        var g = new GraphBuilder("wide");
        var x = g.Input("x", DataType.Float, new Shape("B", 7));
        var c = g.Input("c", DataType.Int64, new Shape((Dimension)"B"));
        g.Weight("table", Tensor.Of(Numbers("table", 9 * 5), 9, 5));
        var h = g.Relu(Linear(g, g.Concat([x, g.Embedding(c, "table")], 1), "v", 12, 200));
        Norm(g, "bn", 200, buffers: true);
        h = g.Dropout(g.Relu(Linear(g, g.BatchNorm(h, "bn"), "w", 200, 200)), 0.2f);
        g.Output(Linear(g, h, "out", 200, 3), "y", DataType.Float, new Shape("B", 3));
        return g.Build();
    }

    private static DenseModel Compile(Graph graph, int threads = 1, ulong seed = 1) => DenseCompiler.Compile(graph, new CompileOptions
    {
        Trainable = [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))],
        MaxRows = graph.Name == "wide" ? 512 : 64,
        Threads = threads,
        Seed = seed,
    });

    private static void Train(DenseModel model, EncodedSet set, int step)
    {
        model.Accumulate(set, Rows(33, step), Mse, 99, new MicroStep(step, 0));
        model.Update(new AdamW(), new UpdateStep(step, 0.01, 0, 1));
    }

    private static Dictionary<string, float[]> Gradients(DenseModel model) => model.Trainable.ToDictionary(t => t.Name, t =>
    {
        var gradient = new float[model.Graph.Weights[t.Name].Count];
        model.ReadGradient(t.Name, gradient);
        return gradient;
    });

    private static void Same(IReadOnlyDictionary<string, float[]> expected, IReadOnlyDictionary<string, float[]> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.NotEmpty(expected);
        foreach (var (name, values) in expected) Assert.Equal(values, actual[name]);
    }

    private static void Close(IReadOnlyDictionary<string, float[]> expected, IReadOnlyDictionary<string, float[]> actual, float tolerance)
    {
        foreach (var (name, values) in expected)
        {
            var largest = Math.Max(1, values.Max(Math.Abs));
            for (var i = 0; i < values.Length; i++) Assert.Equal(values[i], actual[name][i], tolerance * largest);
        }
    }
}
