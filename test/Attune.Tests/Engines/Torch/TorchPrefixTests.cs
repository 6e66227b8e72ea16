using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Tests.Methods;
using static Attune.Tests.Engines.Dense.DenseGraphs;
using static Attune.Tests.Engines.EngineContractTests;

namespace Attune.Tests.Engines.Torch;

/// <summary>A kept prefix gives what computing it gives, in training, validation and prediction, wherever it is kept.</summary>
public sealed class TorchPrefixTests
{
    private static readonly MeanSquaredError Mse = new();

    [Theory]
    [InlineData("residual", "layer2.1.*", 1e-5)]
    [InlineData("residual", "fc.*", 1e-5)]
    [InlineData("encoder", "*layer.2.output*", 1e-5)]       // several boundary values: the skip and the branch
    [InlineData("encoder", "classifier.*", 1e-5)]
    [InlineData("inverted", "onnx::Conv_4?", 1e-5)]
    public void Kept_rows_train_and_predict_like_computed_ones(string name, string pattern, double tolerance)
    {
        var graph = TuningGraphs.All[name]();
        var set = TorchContractTests.SetFor(graph, 45);
        foreach (var cache in Caches())
        {
            using var kept = Compiled(graph, pattern, cache);
            Assert.True(kept.PrefixNodes > 3, kept.PrefixReason);
            using var fresh = Compiled(graph, pattern, null);
            Assert.True(kept.Prepare(set, 0, null, TestContext.Current.CancellationToken));
            Assert.True(kept.Prepare(set, -1, null, TestContext.Current.CancellationToken));
            var limit = cache.Precision == Precision.BFloat16 ? 5e-2 : tolerance;
            for (var step = 0; step < 5; step++)
            {
                int[] rows = [.. Enumerable.Range(0, 8).Select(i => (i * 11 + step * 7) % 45)];
                Assert.Equal(fresh.Accumulate(set, rows, Mse, 8, new MicroStep(step, 0)), kept.Accumulate(set, rows, Mse, 8, new MicroStep(step, 0)), 40 * limit);
                foreach (var model in (TorchModel[])[fresh, kept]) model.Update(new Sgd(), new UpdateStep(step, 0.01, 0, 1));
            }
            float[] expected = new float[45 * kept.OutputWidth], actual = new float[expected.Length];
            fresh.Predict(set, Rows(45), expected);
            kept.Predict(set, Rows(45), actual);
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 20 * limit);
            Assert.Empty(Directory.GetFiles(cache.Folder, "*.tmp"));
        }
    }

    [Fact]
    public void A_row_does_not_depend_on_the_order_in_which_rows_are_asked_for()
    {
        var graph = TuningGraphs.Residual();
        var set = TorchContractTests.SetFor(graph, 40);
        using var model = Compiled(graph, "fc.*", new PrefixCacheOptions());
        model.Prepare(set, -1, null, TestContext.Current.CancellationToken);
        float[] forward = new float[160], backward = new float[160];
        model.Predict(set, Rows(40), forward);
        model.Predict(set, [.. Rows(40).Reverse()], backward);
        for (var row = 0; row < 40; row++) for (var k = 0; k < 4; k++) Assert.Equal(forward[4 * row + k], backward[4 * (39 - row) + k], 1e-5f);
    }

    [Fact]
    public void Augmented_rows_are_kept_per_view_and_views_come_round()
    {
        var graph = TuningGraphs.Residual();
        var pictures = new Views(12);
        var set = new EncodedSet(12, [pictures], Targets.Real(Numbers("t", 48), 4));
        using var kept = Compiled(graph, "fc.*", new PrefixCacheOptions { Views = 2 });
        using var plain = Compiled(graph, "fc.*", null);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            kept.Prepare(set, epoch, null, TestContext.Current.CancellationToken);
            var read = pictures.Count;
            var sum = kept.Accumulate(set, Rows(12), Mse, 12, new MicroStep(epoch, 0, Epoch: epoch));
            Assert.Equal(read, pictures.Count);   // nothing is decoded again
            Assert.Equal(plain.Accumulate(set, Rows(12), Mse, 12, new MicroStep(epoch, 0, Epoch: epoch % 2)), sum, 1e-3);
        }
        Assert.Equal(24 + 48, pictures.Count);    // two views kept, four plain passes
        var before = pictures.Count;
        kept.Forget(set);
        kept.Accumulate(set, Rows(12), Mse, 12, new MicroStep(9, 0, Epoch: 0));
        Assert.Equal(before + 12, pictures.Count);
    }

    [Fact]
    public void Sets_that_fit_nowhere_are_computed_and_stopped_ones_leave_no_room_taken()
    {
        var graph = TuningGraphs.Residual();
        var (large, small) = (TorchContractTests.SetFor(graph, 40), TorchContractTests.SetFor(graph, 10));
        using var model = Compiled(graph, "fc.*", new PrefixCacheOptions { MemoryBytes = 10 * 10 * 4 + 10, DiskBytes = 0 });
        Assert.Equal(10 * 40, model.PrefixNumbers(large));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.False(model.Prepare(small, -1, null, stop.Token));
        Assert.True(model.Prepare(large, -1, null, TestContext.Current.CancellationToken));
        Assert.True(model.Prepare(small, -1, null, TestContext.Current.CancellationToken));     // the stopped attempt gave its room back
        var seen = 0;
        Assert.True(model.Prepare(small, -1, (_, _) => seen++, TestContext.Current.CancellationToken));
        Assert.Equal(0, seen);
        model.Predict(large, Rows(40), new float[160]);
    }

    [Fact]
    public void There_is_no_prefix_where_statistics_move_or_everything_trains()
    {
        var graph = TuningGraphs.Residual();
        using var moving = TorchCompiler.Compile(graph, new CompileOptions { Trainable = [new("fc.weight")], PrefixCache = new PrefixCacheOptions() });
        Assert.Equal((0, "BatchNormalization in it moves"), (moving.PrefixNodes, moving.PrefixReason));
        using var all = TorchCompiler.Compile(graph, new CompileOptions { Trainable = TorchModelTests.All(graph), FreezeBatchNorm = true, PrefixCache = new PrefixCacheOptions() });
        Assert.Equal((0, "everything behind the input trains"), (all.PrefixNodes, all.PrefixReason));
        Assert.Null(all.PrefixRounding);
    }

    private static IEnumerable<PrefixCacheOptions> Caches()
    {
        var folder = Directory.CreateTempSubdirectory("attune-test-").FullName;
        yield return new PrefixCacheOptions { Folder = folder };
        yield return new PrefixCacheOptions { Folder = folder, Precision = Precision.BFloat16 };
        yield return new PrefixCacheOptions { Folder = folder, MemoryBytes = 8 };   // on disk
        Directory.Delete(folder, recursive: true);
    }

    private static TorchModel Compiled(Graph graph, string pattern, PrefixCacheOptions? cache) => TorchCompiler.Compile(graph, new CompileOptions
    {
        Trainable = [.. TorchModelTests.All(graph).Where(t => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, t.Name, false))],
        MaxRows = 16,
        FreezeBatchNorm = true,
        PrefixCache = cache,
    });

    private sealed class Views(int rows) : StreamedInput("image", [3, 12, 12], rows)
    {
        public int Count { get; private set; }

        public override bool IsAugmented => true;

        public override void Read(ReadOnlySpan<int> rows, int view, Span<float> destination)
        {
            Count += rows.Length;
            for (var i = 0; i < rows.Length; i++) Numbers($"row {rows[i]} view {view}", Width).CopyTo(destination[(i * Width)..]);
        }
    }
}
