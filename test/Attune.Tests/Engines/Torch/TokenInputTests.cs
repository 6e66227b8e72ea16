using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Randomness;
using Attune.Training;
using Attune.Weights;

namespace Attune.Tests.Engines.Torch;

public sealed class TokenInputTests
{
    private const int Vocabulary = 20, Width = 6;

    [Fact]
    public void A_row_alone_and_in_a_padded_batch_give_the_same_output_in_the_order_of_the_rows()
    {
        var (graph, set) = (Classifier(3), Sequences([5, 17, 2, 9, 30, 1], selects: false));
        using var model = TorchCompiler.Compile(graph, new CompileOptions());
        int[] rows = [3, 0, 4, 1, 5, 2];
        var together = new float[rows.Length * 3];
        model.Predict(set, rows, together);
        for (var i = 0; i < rows.Length; i++)
        {
            var alone = new float[3];
            model.Predict(set, [rows[i]], alone);
            for (var k = 0; k < 3; k++) Assert.Equal(alone[k], together[i * 3 + k], 1e-5);
        }
    }

    [Fact]
    public void Passes_limited_by_tokens_add_up_to_the_gradient_of_one_pass()
    {
        var (graph, set) = (Classifier(3), Sequences([5, 17, 2, 9, 30, 1], selects: false));
        using var model = TorchCompiler.Compile(graph, new CompileOptions { Trainable = [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))] });
        var loss = LossCatalog.Create("cross-entropy", new LossOptions());
        model.Accumulate(set, [0, 1, 2, 3, 4, 5], loss, 6, new MicroStep(0, 0));
        var whole = Gradient(model, "embedding");
        model.ClearGradients();
        model.Accumulate(set, [4], loss, 6, new MicroStep(0, 0));
        model.Accumulate(set, [5, 0, 2], loss, 6, new MicroStep(0, 1));
        model.Accumulate(set, [3, 1], loss, 6, new MicroStep(0, 2));
        var parts = Gradient(model, "embedding");
        for (var i = 0; i < whole.Length; i++) Assert.Equal(whole[i], parts[i], 1e-6);
        Assert.Contains(whole, g => g != 0);
    }

    [Fact]
    public void Chosen_tokens_have_an_output_each_and_rows_without_any_cost_nothing()
    {
        var (graph, set) = (Tagger(4), Sequences([5, 17, 2, 9], selects: true));
        using var model = TorchCompiler.Compile(graph, new CompileOptions { Trainable = [new TrainableWeight("head.weight")] });
        Assert.Equal(5 / 2 + 17 / 2 + 2 / 2 + 9 / 2, set.Units);
        int[] rows = [2, 0, 1, 3];
        var together = new float[set.UnitsOf(rows) * 4];
        model.Predict(set, rows, together);
        var at = 0;
        foreach (var row in rows)
        {
            var alone = new float[set.UnitsOf(row).Count * 4];
            model.Predict(set, [row], alone);
            foreach (var value in alone) Assert.Equal(value, together[at++], 1e-5);
        }
        var loss = LossCatalog.Create("cross-entropy", new LossOptions());
        var sum = model.Accumulate(set, rows, loss, set.Units, new MicroStep(0, 0));
        Assert.Equal(sum, rows.Sum(row => model.Accumulate(set, [row], loss, set.Units, new MicroStep(0, 0))), 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Kept_token_vectors_give_the_gradients_and_outputs_of_computed_ones(bool selects)
    {
        var (graph, set) = (TwoLayers(selects), Sequences([5, 17, 2, 9, 30, 1], selects));
        var trainable = new CompileOptions { Trainable = [new TrainableWeight("second.weight"), new TrainableWeight("head.weight")] };
        using var computed = TorchCompiler.Compile(graph, trainable);
        using var kept = (TorchModel)TorchCompiler.Compile(graph, trainable with { PrefixCache = new PrefixCacheOptions() });
        Assert.Equal("", kept.PrefixReason);
        Assert.True(kept.Prepare(set, -1, null, TestContext.Current.CancellationToken));
        Assert.Equal(64 * Width, kept.PrefixNumbers(set));     // every token once, no padding
        var loss = LossCatalog.Create("cross-entropy", new LossOptions());
        int[] rows = [5, 1, 3, 0];
        var (a, b) = (new float[set.UnitsOf(rows) * 3], new float[set.UnitsOf(rows) * 3]);
        computed.Predict(set, rows, a);
        kept.Predict(set, rows, b);
        Close(a, b);
        Assert.Equal(computed.Accumulate(set, rows, loss, 4, new MicroStep(0, 0)), kept.Accumulate(set, rows, loss, 4, new MicroStep(0, 0)), 1e-4);
        Close(Gradient(computed, "second.weight"), Gradient(kept, "second.weight"));

        static void Close(float[] expected, float[] actual)
        {
            Assert.Contains(expected, x => x != 0);
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5);
        }
    }

    [Fact]
    public void Few_rows_of_a_set_are_the_same_tokens_and_targets()
    {
        var set = Sequences([5, 17, 2, 9], selects: true);
        var few = FewRows.Of(set, [3, 1]);
        Assert.Equal(9 / 2 + 17 / 2, few.Units);
        using var model = TorchCompiler.Compile(Tagger(4), new CompileOptions());
        var (expected, actual) = (new float[few.Units * 4], new float[few.Units * 4]);
        model.Predict(set, [3, 1], expected);
        model.Predict(few, [0, 1], actual);
        Assert.Equal(expected, actual);
        Assert.Equal(set.Targets!.Labels!.AsSpan(set.UnitsOf(3).Start, 4).ToArray(), few.Targets!.Labels!.AsSpan(0, 4).ToArray());
    }

    [Fact]
    public void Batches_of_like_lengths_hold_every_row_once_and_pad_little()
    {
        var stream = new Philox(1, "lengths");
        int[] lengths = [.. Enumerable.Range(0, 1003).Select(i => 1 + (int)(120 * stream.Uniform((ulong)i) * stream.Uniform((ulong)(i + 5000))))];
        var bucketed = new EpochSampler(lengths, 16, 3);
        var first = bucketed.Epoch(0).ToArray();
        Assert.Equal(Enumerable.Range(0, 1003), first.Order());
        Assert.NotEqual(first, bucketed.Epoch(1).ToArray());
        Assert.Equal(first, new EpochSampler(lengths, 16, 3).Epoch(0).ToArray());
        var plain = new EpochSampler(1003, 3).Epoch(0).ToArray();
        Assert.True(Padded(first) < 0.6 * Padded(plain), $"{Padded(first)} against {Padded(plain)}");

        long Padded(int[] order) => order.Chunk(16).Sum(batch => (long)batch.Length * batch.Max(row => lengths[row]));
    }

    private static float[] Gradient(CompiledModel model, string name)
    {
        var gradient = new float[model.Graph.Weights[name].Count];
        model.ReadGradient(name, gradient);
        return gradient;
    }

    /// <summary>Mean of the embeddings of real tokens, then a linear layer.</summary>
    private static Graph Classifier(int classes)
    {
        var g = new GraphBuilder("classifier");
        var (x, mask) = Embedded(g);
        var weights = g.Node("Cast", [g.Node("Unsqueeze", [mask, g.Constant("axis", Tensor.Of([2L], 1))])], Attributes.Of(("to", (long)DataType.Float)));
        var sum = g.Node("ReduceSum", [g.Mul(x, weights), g.Constant("time", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L)));
        var count = g.Node("ReduceSum", [weights, g.Constant("time", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L)));
        Head(g, classes);
        g.Output(g.Linear(g.Node("Div", [sum, count]), "head"), "logits", DataType.Float, new Shape("B", classes));
        return g.Build();
    }

    /// <summary>A frozen layer and one that trains over all tokens; then their mean, or the chosen ones.</summary>
    private static Graph TwoLayers(bool selects)
    {
        var g = new GraphBuilder("two layers");
        var (x, mask) = Embedded(g);
        g.Weight("first.weight", Random("first", Width, Width));
        g.Weight("second.weight", Random("second", Width, Width));
        Head(g, 3);
        x = g.LinearLast(x, new("first.weight"), null, "first");
        x = g.Tanh(g.LinearLast(x, new("second.weight"), null, "second"));
        if (selects) x = g.Node("Gather", [g.Reshape(x, -1, Width), g.Input("selected", DataType.Int64, new Shape("U"))], Attributes.Of(("axis", 0L)));
        else
        {
            var weights = g.Node("Cast", [g.Node("Unsqueeze", [mask, g.Constant("axis", Tensor.Of([2L], 1))])], Attributes.Of(("to", (long)DataType.Float)));
            x = g.Node("ReduceSum", [g.Mul(x, weights), g.Constant("time", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L)));
        }
        g.Output(g.Linear(x, "head"), "logits", DataType.Float, new Shape(selects ? "U" : "B", 3));
        return g.Build();
    }

    /// <summary>A linear layer over the chosen tokens' embeddings.</summary>
    private static Graph Tagger(int classes)
    {
        var g = new GraphBuilder("tagger");
        var (x, _) = Embedded(g);
        var selected = g.Input("selected", DataType.Int64, new Shape("U"));
        var flat = g.Reshape(x, -1, Width);
        Head(g, classes);
        g.Output(g.Linear(g.Node("Gather", [flat, selected], Attributes.Of(("axis", 0L))), "head"), "logits", DataType.Float, new Shape("U", classes));
        return g.Build();
    }

    private static (Value X, Value Mask) Embedded(GraphBuilder g)
    {
        var ids = g.Input("input_ids", DataType.Int64, new Shape("B", "T"));
        var mask = g.Input("attention_mask", DataType.Int64, new Shape("B", "T"));
        g.Weight("embedding", Random("embedding", Vocabulary, Width));
        return (g.Embedding(ids, "embedding"), mask);
    }

    private static void Head(GraphBuilder g, int classes)
    {
        g.Weight("head.weight", Random("head", classes, Width));
        g.Weight("head.bias", Random("bias", classes));
    }

    private static Tensor Random(string name, params int[] shape)
    {
        var stream = new Philox(4, name);
        return Tensor.Of([.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(i => (float)stream.Normal((ulong)i))], [.. shape.Select(s => (long)s)]);
    }

    private static EncodedSet Sequences(int[] lengths, bool selects)
    {
        var stream = new Philox(9, "tokens");
        long[] starts = [0, .. lengths.Select((_, i) => (long)lengths.Take(i + 1).Sum())];
        int[] ids = [.. Enumerable.Range(0, (int)starts[^1]).Select(i => 1 + (int)(stream.Uniform((ulong)i) * (Vocabulary - 1)))];
        int[]? selected = selects ? [.. lengths.SelectMany(n => Enumerable.Range(0, n / 2).Select(i => 2 * i + 1))] : null;
        int[]? unitStarts = selects ? [0, .. lengths.Select((_, i) => lengths.Take(i + 1).Sum(n => n / 2))] : null;
        var source = new TokenSequences(1, ids, null, starts, new TokenPadding(0, 64), selected, unitStarts);
        List<EncodedInput> inputs = [new TokenInput("input_ids", TokenField.Ids, source), new TokenInput("attention_mask", TokenField.Mask, source)];
        if (selects) inputs.Add(new TokenInput("selected", TokenField.Selected, source));
        var units = unitStarts?[^1] ?? lengths.Length;
        return new EncodedSet(lengths.Length, inputs, Targets.Classes([.. Enumerable.Range(0, units).Select(i => i % 3)]), unitStarts);
    }
}
