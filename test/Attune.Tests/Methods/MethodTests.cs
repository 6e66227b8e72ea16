using Attune.Graphs;
using Attune.Methods;
using Attune.Models;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tests.Runs;
using Attune.Weights;

namespace Attune.Tests.Methods;

public sealed class MethodTests : IClassFixture<MethodTests.Earlier>
{
    private static readonly IReadOnlySet<string> NoneFresh = new HashSet<string>();
    private readonly Earlier _earlier;

    public MethodTests(Earlier earlier) => _earlier = earlier;

    [Fact]
    public void Trap_42_only_matrices_decay()
    {
        var network = Network("batch");
        var selected = TrainableSelection.Select(network, new MethodOptions(), 0.3, 0, NoneFresh);
        Assert.Equal(["head.weight", "layers.0.weight", "layers.1.weight"], selected.Where(t => t.WeightDecay > 0).Select(t => t.Name).Order());
        Assert.All(selected.Where(t => t.WeightDecay > 0), t => Assert.Equal(0.3, t.WeightDecay));
        Assert.Contains(selected, t => t.Name == "embedding.city.weight" && t.WeightDecay == 0);
        Assert.Contains(selected, t => t.Name == "norms.0.weight" && t.WeightDecay == 0);
        Assert.DoesNotContain(selected, t => t.Name.Contains("running", StringComparison.Ordinal));
    }

    [Fact]
    public void Layers_run_from_the_tables_to_the_head_with_their_norms()
    {
        var layers = Layer.Of(Network("batch"));
        Assert.Equal(["embedding.city.weight"], layers[0].Weights);
        Assert.Equal(["layers.0.weight", "layers.0.bias", "norms.0.weight", "norms.0.bias", "norms.0.running_mean", "norms.0.running_var"], layers[1].Weights);
        Assert.Equal(["head.weight", "head.bias"], layers[^1].Weights);
        Assert.Equal(4, layers.Count);
    }

    [Fact]
    public void Layer_rates_fall_towards_the_input()
    {
        var rates = TrainableSelection.Select(Network("none"), new MethodOptions { LayerRateDecay = 0.5 }, 0, 0, NoneFresh).ToDictionary(t => t.Name, t => t.LearningRateScale);
        Assert.Equal((1, 0.5, 0.25, 0.125), (rates["head.bias"], rates["layers.1.weight"], rates["layers.0.bias"], rates["embedding.city.weight"]));
    }

    [Fact]
    public void Head_method_and_frozen_layers_choose_what_trains()
    {
        var network = Network("none");
        Assert.Equal(["head.weight", "head.bias"], TrainableSelection.Select(network, new MethodOptions { Name = "head" }, 0, 0, NoneFresh).Select(t => t.Name));
        Assert.DoesNotContain(TrainableSelection.Select(network, new MethodOptions { FreezeLayers = 2 }, 0, 0, NoneFresh), t => t.Name.StartsWith("layers.0", StringComparison.Ordinal));
        var error = Assert.Throws<OptionsException>(() => TrainableSelection.Select(network, new MethodOptions { FreezeLayers = 4 }, 0, 0, NoneFresh));
        Assert.Contains("at most 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method.name=head", "head.")]
    [InlineData("method.freeze-layers=1", "layers.1.", "norms.1.", "head.")]
    [InlineData("method.freeze-layers=2", "head.")]
    public void Trap_24_frozen_layers_keep_every_byte_their_batch_statistics_too(string method, params string[] trains)
    {
        var (before, after) = _earlier.Tune(method);
        foreach (var weight in before.All.Where(w => w.Role != WeightRole.Constant))
        {
            var same = weight.Value.Data.Span<byte>().SequenceEqual(after[weight.Name].Value.Data.Span<byte>());
            var mayMove = trains.Any(t => weight.Name.StartsWith(t, StringComparison.Ordinal)) && !weight.Name.Contains("running", StringComparison.Ordinal);
            Assert.True(same != mayMove, $"{weight.Name} {(same ? "stayed" : "moved")}");
        }
    }

    [Theory]
    [InlineData("method.name=bitfit", "*.bias", "head.weight")]
    [InlineData("method.name=norm-only", "norms.*", "head.*")]
    [InlineData("method.name=last-n", "layers.1.*", "norms.1.*", "head.*")]
    [InlineData("method.name=lora", "layers.*.weight", "head.*")]
    [InlineData("method.train=layers.0.*,head.*", "layers.0.*", "head.*")]
    [InlineData("method.freeze=layers.*", "norms.*", "head.*")]
    public void A_run_saves_a_plain_model_in_which_only_the_methods_weights_moved(string method, params string[] moves)
    {
        var (before, after) = _earlier.Tune(method);
        Assert.Equal(before.All.Select(w => w.Name).Order(), after.All.Select(w => w.Name).Order());
        foreach (var weight in before.All.Where(w => w.Role != WeightRole.Constant))
        {
            var statistics = weight.Name.Contains("running", StringComparison.Ordinal);
            var mayMove = statistics ? method is "method.name=norm-only" or "method.freeze=layers.*" : moves.Any(m => NamePatterns.Fits(m, weight.Name));
            var same = weight.Value.Data.Span<byte>().SequenceEqual(after[weight.Name].Value.Data.Span<byte>());
            Assert.True(same != mayMove, $"{weight.Name} {(same ? "stayed" : "moved")}");
        }
    }

    [Fact]
    public void A_stage_that_never_comes_is_refused()
    {
        var error = Assert.Throws<OptionsException>(() => _earlier.Tune("method.unfreeze-every=2"));
        Assert.Contains("would join after 4 epochs, but there are only 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_other_methods_are_refused()
    {
        var error = Assert.Throws<OptionsException>(() => _earlier.Tune("method.rank=4", "method.blocks=2", "method.dropout=0.1", "method.target=head.*", "method.alpha=3", "method.rank-stabilized=true"));
        Assert.Equal(6, error.Problems.Count);
        Assert.Contains("method.blocks: belongs to method.name=last-n; this is full. Remove one of the two.", error.Problems);
    }

    [Fact]
    public void Full_method_moves_everything_batch_statistics_too()
    {
        var (before, after) = _earlier.Tune("method.name=full");
        Assert.All(before.All.Where(w => w.Role != WeightRole.Constant), w => Assert.False(w.Value.Data.Span<byte>().SequenceEqual(after[w.Name].Value.Data.Span<byte>()), w.Name));
    }

    [Fact]
    public void L2_sp_pulls_towards_the_earlier_weights()
    {
        var distances = new[] { "0", "0.05", "5" }.Select(a => Distance(_earlier.Tune("objective.l2-sp=" + a, "training.weight-decay=0"))).ToArray();
        Assert.True(distances[0] > distances[1] && distances[1] > 2 * distances[2], string.Join(' ', distances));
    }

    [Fact]
    public void A_lower_rate_moves_lower_layers_less()
    {
        var (before, plain) = _earlier.Tune("training.optimizer=adam", "training.weight-decay=0");
        var (_, slow) = _earlier.Tune("training.optimizer=adam", "training.weight-decay=0", "method.layer-rate-decay=0.01");
        Assert.True(Moved(before, slow, "layers.0.weight") < 0.05 * Moved(before, plain, "layers.0.weight"));
        Assert.True(Moved(before, slow, "head.weight") > 0.3 * Moved(before, plain, "head.weight"));
    }

    [Fact]
    public void Trap_16_other_classes_get_a_new_head_that_is_saved()
    {
        using var folder = TestFiles.Folder();
        var first = Path.Combine(folder.Path, "first");
        FineTuning.Run(SmallTables.Quick(folder.Write("three.csv", SmallTables.Colours(300)), "class", first, "training.epochs=10"));
        var data = folder.Write("four.csv", SmallTables.Colours(400, grey: true));
        var run = Path.Combine(folder.Path, "run");
        var result = FineTuning.Run(SmallTables.Quick(data, "class", run, "model.path=" + first, "training.epochs=20"));
        Assert.Equal("head-only", result.Verdict!.Before.Name);
        Assert.True(result.Evaluation!.Splits["test"].Metrics["accuracy"].Value > 0.8);
        var model = ModelFolder.Load(run);
        Assert.Equal(["blue", "green", "grey", "red"], ((Attune.Tasks.Classification)model.Task).Classes);
        Assert.Equal([4, 8], model.Network.Weights["head.weight"].Value.Sizes);
        var judged = ModelEvaluation.Of(run, data, null, null, new() { Resamples = 100 }, []);
        Assert.True(judged.Report.Splits["test"].Metrics["accuracy"].Value > 0.8);
    }

    [Fact]
    public void A_subset_of_the_classes_keeps_the_head()
    {
        using var folder = TestFiles.Folder();
        var first = Path.Combine(folder.Path, "first");
        FineTuning.Run(SmallTables.Quick(folder.Write("four.csv", SmallTables.Colours(300, grey: true)), "class", first));
        var result = FineTuning.Run(SmallTables.Quick(folder.Write("three.csv", SmallTables.Colours(240)), "class", Path.Combine(folder.Path, "run"), "model.path=" + first));
        Assert.Equal(first, result.Verdict!.Before.Name);
        Assert.Equal(4, result.Evaluation!.Classes!.Count);
    }

    [Fact]
    public void Head_replacement_keeps_the_body_and_refuses_what_it_does_not_know()
    {
        var network = Network("none");
        var (graph, fresh) = HeadReplacement.Replace(network, 5, 7);
        Assert.Equal(["head.bias", "head.weight"], fresh.Order());
        Assert.Equal([5, 8], graph.Weights["head.weight"].Value.Sizes);
        Assert.Same(network.Weights["layers.1.weight"].Value, graph.Weights["layers.1.weight"].Value);
        Assert.Equal(network.Outputs[0].Name, graph.Outputs[0].Name);

        var g = new GraphBuilder("relu");
        g.Output(g.Relu(g.Input("x", DataType.Float, new Shape("B", 3))), "y", DataType.Float, new Shape("B", 3));
        Assert.Contains("Relu", Assert.Throws<WeightsException>(() => HeadReplacement.Replace(g.Build(), 2, 1)).Message, StringComparison.Ordinal);
    }

    private static Graph Network(string normalization) => Mlp.Build([new NetworkInput("features", 4), new NetworkInput("index:city", 1, 6, 3)], 3, new MlpShape([8, 8], "relu", normalization, 0.1, false), 1);

    private static double Distance((WeightStore Before, WeightStore After) run) => Math.Sqrt(run.Before.All.Where(w => w.Role == WeightRole.Parameter).Sum(w => Math.Pow(Moved(run.Before, run.After, w.Name), 2)));

    private static double Moved(WeightStore before, WeightStore after, string name)
    {
        var (a, b) = (before[name].Value.Data.Span<float>().ToArray(), after[name].Value.Data.Span<float>().ToArray());
        return Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum());
    }

    public sealed class Earlier : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();
        private int _runs;

        public Earlier()
        {
            Run = Path.Combine(_folder.Path, "first");
            FineTuning.Run(SmallTables.Quick(_folder.Write("first.csv", SmallTables.Binary(300)), "label", Run, "model.normalization=batch"));
            _folder.Write("more.csv", SmallTables.Binary(300, "more", 0.5));
        }

        private string Run { get; }

        internal (WeightStore Before, WeightStore After) Tune(params string[] settings)
        {
            var run = Path.Combine(_folder.Path, "run" + _runs++);
            FineTuning.Run(SmallTables.Quick(Path.Combine(_folder.Path, "more.csv"), "label", run, ["model.path=" + Run, .. settings]));
            return (ModelFolder.Load(Run).Network.Weights, ModelFolder.Load(run).Network.Weights);
        }

        public void Dispose() => _folder.Dispose();
    }
}
