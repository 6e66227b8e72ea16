using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Engines;

/// <summary>What objectives and update rules ask of both engines.</summary>
public sealed class ObjectiveEngineTests
{
    public static TheoryData<string> Rules => [.. OptimizerCatalog.Names];

    [Theory, MemberData(nameof(Rules))]
    public void Both_engines_and_any_threads_make_the_steps_of_the_rule_over_whole_weights_and_go_on_from_a_captured_state(string rule)
    {
        var options = rule is "sgd" or "rmsprop" ? new OptimizerOptions { Momentum = 0.9 } : rule is "adafactor" ? new OptimizerOptions { Beta1 = 0.8 } : null;
        var optimizer = OptimizerCatalog.Create(rule, options);
        var expected = Reference(optimizer);
        foreach (var (engine, threads) in new[] { ("dense", 1), ("dense", 2), ("torch", 2) })
        {
            using var model = Compile(engine, Mixed(), threads);
            for (var step = 0; step < 6; step++)
            {
                Step(model, optimizer, step);
                if (step != 3) continue;
                // What is captured after a step is all that the next one needs.
                var state = model.Capture();
                Assert.Equal(optimizer.StateCount, state.States.Count);
                Step(model, optimizer, 99);
                model.Restore(state);
            }
            EngineContractTests.Close(expected, model.Capture().Weights, engine == "dense" && threads == 1 ? 1e-5f : 2e-3f);
        }
    }

    // The rule on whole weights in the store's layout, with the gradients of an engine.
    private static Dictionary<string, float[]> Reference(Optimizer optimizer)
    {
        using var model = Compile("dense", Mixed(), 1);
        var states = model.Trainable.ToDictionary(t => t.Name, t => Enumerable.Range(0, optimizer.StateCount).Select(_ => new float[model.Graph.Weights[t.Name].Count]).ToArray());
        for (var step = 0; step < 6; step++)
        {
            Accumulate(model, step);
            foreach (var trainable in model.Trainable)
            {
                var weight = model.Graph.Weights[trainable.Name];
                float[] w = new float[weight.Count], g = new float[weight.Count];
                model.ReadWeight(trainable.Name, w);
                model.ReadGradient(trainable.Name, g);
                optimizer.Update(w, g, OptimizerState.Of(states[trainable.Name]), new UpdateStep(step, 0.01, trainable.WeightDecay, 0.9f) { Sizes = weight.Value.Sizes });
                model.WriteWeight(trainable.Name, w);
            }
            model.ClearGradients();
        }
        return model.Trainable.ToDictionary(t => t.Name, t => Read(model, t.Name));
    }

    [Theory, InlineData("dense", 1), InlineData("dense", 2), InlineData("torch", 2)]
    public void A_loss_that_compares_rows_sees_the_whole_batch(string engine, int threads)
    {
        using var model = Compile(engine, Mixed(), threads);
        var set = MixedSet(40, classes: true);
        var loss = new SupervisedContrastive(0.5);
        var sum = model.Accumulate(set, Rows(40), loss, 40, new MicroStep(0, 0, TrainingMode.Deterministic));
        var outputs = new float[40 * 3];
        model.Predict(set, Rows(40), outputs);
        Assert.Equal(loss.Sum(outputs, 3, new LossTargets { Labels = set.Targets!.Labels, Rows = 40, ValueWidth = 1 }, [], 1), sum, 1e-3);
    }

    [Theory, InlineData("dense", 1), InlineData("dense", 2), InlineData("torch", 2)]
    public void A_teachers_outputs_stand_beside_the_targets_of_their_rows(string engine, int threads)
    {
        using var model = Compile(engine, Mixed(), threads);
        var plain = MixedSet(40);
        var teacher = Numbers("teacher", 120);
        var set = new EncodedSet(40, plain.Inputs, plain.Targets!.With(teacher));
        int[] rows = [7, 3, 39, 7, 0];
        // From the teacher alone: the mean squared error against its outputs.
        var learned = model.Accumulate(set, rows, new Distillation(new MeanSquaredError(), OutputKind.Identity, 1, 0), 15, new MicroStep(0, 0, TrainingMode.Deterministic));
        var gradient = Read(model.Trainable[0].Name);
        model.ClearGradients();
        var direct = model.Accumulate(new EncodedSet(40, plain.Inputs, Targets.Real(teacher, 3)), rows, new MeanSquaredError(), 15, new MicroStep(0, 0, TrainingMode.Deterministic));
        Assert.Equal(direct, learned, 1e-4 * direct);
        var expected = Read(model.Trainable[0].Name);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], gradient[i], 1e-5f);

        float[] Read(string name)
        {
            var values = new float[model.Graph.Weights[name].Count];
            model.ReadGradient(name, values);
            return values;
        }
    }

    [Fact]
    public void NEFTune_noise_is_the_same_in_both_engines_has_its_size_and_ends_with_training()
    {
        var outputs = new List<float[]>();
        foreach (var engine in (string[])["dense", "torch"])
        {
            var (quiet, noisy) = (Lookup(engine, 0), Lookup(engine, 5));
            using (quiet)
            using (noisy)
            {
                var set = new EncodedSet(6, [new IndexInput("c", 1, [0, 1, 2, 3, 4, 5])], Targets.Real(new float[24], 4));
                float[] plain = new float[24], evaluated = new float[24];
                quiet.Predict(set, Rows(6), plain);
                noisy.Predict(set, Rows(6), evaluated);
                Assert.Equal(plain, evaluated);   // none when nothing trains
                // The mean squared error's gradient by the table is 2·(row + noise) / count: it shows the noise.
                var seen = Embedded(noisy, set, 0);
                var noise = seen.Zip(plain, (a, b) => a - b).ToArray();
                Assert.All(noise, v => Assert.InRange(v, -2.5001f, 2.5001f));   // 5 / √(1 · 4)
                Assert.True(noise.Max() > 1.5 && noise.Min() < -1.5);
                Assert.NotEqual(seen, Embedded(noisy, set, 1));
                Assert.Equal(seen, Embedded(noisy, set, 0));
                outputs.Add(noise);
            }
        }
        for (var i = 0; i < 24; i++) Assert.Equal(outputs[0][i], outputs[1][i], 1e-5f);

        static CompiledModel Lookup(string engine, double alpha)
        {
            var g = new GraphBuilder("lookup");
            var c = g.Input("c", DataType.Int64, new Shape("B"));
            g.Weight("table", Tensor.Of(Numbers("table", 24), 6, 4));
            g.Output(g.Embedding(c, "table"), "y", DataType.Float, new Shape("B", 4));
            return ModelEngine.Compile(g.Build(), new CompileOptions { Trainable = [new("table")], MaxRows = 8, Seed = 3, NeftuneAlpha = alpha }, engine);
        }

        static float[] Embedded(CompiledModel model, EncodedSet set, int step)
        {
            var gradient = new float[24];
            model.ClearGradients();
            model.Accumulate(set, Rows(6), new MeanSquaredError(), 2, new MicroStep(step, 0));
            model.ReadGradient("table", gradient);
            return gradient;
        }
    }

    [Fact]
    public void NEFTune_noise_of_token_sequences_shrinks_with_their_length_and_leaves_positions_alone()
    {
        const double alpha = 4;
        foreach (var length in (int[])[3, 12])
        {
            var g = new GraphBuilder("text");
            var (ids, positions) = (g.Input("input_ids", DataType.Int64, new Shape("B", length)), g.Input("position_ids", DataType.Int64, new Shape("B", length)));
            g.Weight("words", Tensor.Of(new float[20], 10, 2));
            g.Weight("places", Tensor.Of(new float[2 * length], length, 2));
            g.Output(g.Add(g.Embedding(ids, "words"), g.Embedding(positions, "places")), "y", DataType.Float, new Shape("B", length, 2));
            using var model = ModelEngine.Compile(g.Build(), new CompileOptions { Trainable = [new("words"), new("places")], MaxRows = 8, NeftuneAlpha = alpha }, "torch");
            var set = new EncodedSet(1, [new IndexInput("input_ids", length, [.. Enumerable.Range(0, length).Select(i => i % 10)]), new IndexInput("position_ids", length, [.. Enumerable.Range(0, length)])], Targets.Real(new float[2 * length], 2 * length));
            // All weights are 0, so the outputs are the noise alone; half the gradient by a position's row.
            model.Accumulate(set, [0], new MeanSquaredError(), 1, new MicroStep(0, 0));
            var noise = new float[2 * length];
            model.ReadGradient("places", noise);
            var limit = alpha / Math.Sqrt(2 * length);
            Assert.All(noise, v => Assert.InRange(v / 2, -limit, limit));
            Assert.True(noise.Max(v => Math.Abs(v / 2)) > 0.4 * limit, $"{length}: {noise.Max(v => Math.Abs(v / 2))} of {limit}");
        }
    }

    [Fact]
    public void Embedding_lookups_are_found_by_their_input_and_words_come_before_positions()
    {
        var lookup = Assert.Single(EmbeddingLookups.Of(Mixed()));
        Assert.Equal(("table", "c"), (lookup.Table, lookup.Input));
        var g = new GraphBuilder("text");
        var (ids, positions) = (g.Input("input_ids", DataType.Int64, new Shape("B", 4)), g.Input("position_ids", DataType.Int64, new Shape("B", 4)));
        g.Weight("words", Tensor.Of(Numbers("w", 20), 10, 2));
        g.Weight("places", Tensor.Of(Numbers("p", 8), 4, 2));
        g.Output(g.Add(g.Embedding(ids, "words"), g.Embedding(positions, "places")), "y", DataType.Float, new Shape("B", 4, 2));
        Assert.Equal(["words"], EmbeddingLookups.Of(g.Build()).Select(l => l.Table));
        Assert.Empty(EmbeddingLookups.Of(Build(3, 2, (b, x) => Linear(b, x, "a", 3, 2))));
    }

    private static void Step(CompiledModel model, Optimizer optimizer, int step)
    {
        Accumulate(model, step);
        model.Update(optimizer, new UpdateStep(step, 0.01, 0, 0.9f));
    }

    private static void Accumulate(CompiledModel model, int step)
        => model.Accumulate(MixedSet(40), Rows(33, step % 7), new MeanSquaredError(), 99, new MicroStep(step, 0, TrainingMode.Deterministic));

    private static float[] Read(CompiledModel model, string name)
    {
        var values = new float[model.Graph.Weights[name].Count];
        model.ReadWeight(name, values);
        return values;
    }

    private static CompiledModel Compile(string engine, Graph graph, int threads) => ModelEngine.Compile(graph, new CompileOptions
    {
        Trainable = [.. graph.Weights.All.Where(w => w.Role == Attune.Weights.WeightRole.Parameter).Select(w => new TrainableWeight(w.Name, 1, w.Value.Sizes.Count > 1 ? 0.1 : 0))],
        MaxRows = 64,
        Threads = threads,
        FreezeBatchNorm = true,
    }, engine);
}
