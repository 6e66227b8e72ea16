using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Methods;
using Attune.Optimizers;
using Attune.Options;
using Attune.Tests.Graphs;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Methods;

/// <summary>What every method promises on every kind of network: a fresh one changes nothing, merged equals unmerged, only what was declared moves, the count is the formula's, files keep everything.</summary>
public sealed class MethodContractTests : IDisposable
{
    private static readonly IReadOnlySet<string> None = new HashSet<string>();
    private readonly TemporaryFolder _folder = TestFiles.Folder();
    private int _files;

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var method in MethodCatalog.Names)
        {
            foreach (var graph in TuningGraphs.All.Keys.Where(g => Suits(method, g))) cases.Add(method, graph);
        }
        return cases;
    }

    // Prompts and prefixes need texts: VirtualTokenTests.
    private static bool Suits(string method, string graph) => method switch
    {
        "bottleneck" => graph.StartsWith("encoder", StringComparison.Ordinal),
        "prefix-tuning" or "prompt-tuning" => false,
        _ => !NeedsLinear(method) || !IsConvolutional(graph),
    };

    private static bool NeedsLinear(string method) => method is "dora" or "ia3" or "pissa";

    private static bool IsConvolutional(string graph) => graph.StartsWith("residual", StringComparison.Ordinal) || graph.StartsWith("inverted", StringComparison.Ordinal);

    [Theory]
    [InlineData("dora", "residual")]
    [InlineData("dora", "inverted")]
    [InlineData("ia3", "residual")]
    [InlineData("ia3", "inverted")]
    [InlineData("pissa", "residual")]
    [InlineData("bottleneck", "residual")]
    [InlineData("bottleneck", "mlp")]
    public void Methods_of_linear_layers_say_when_there_is_none(string method, string name)
        => Assert.Contains("Choose another method", Assert.Throws<OptionsException>(() => Plan(TuningGraphs.All[name](), method)).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Options_name_the_methods_of_the_catalog()
    {
        Assert.Equal(MethodOptions.Names, MethodCatalog.Names);
        Assert.Equal(MethodCatalog.Names.Order(StringComparer.Ordinal), MethodCatalog.Names);
        var types = typeof(TuningMethod).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(TuningMethod)));
        Assert.Equal(types.OrderBy(t => t.Name), MethodCatalog.All.Select(m => m.GetType()).OrderBy(t => t.Name));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_fresh_method_changes_no_output(string method, string name)
    {
        var graph = TuningGraphs.All[name]();
        var plan = Plan(graph, method);
        Same(Run(graph), Run(plan.Adapted), 1e-6);
        Assert.Equal(graph.Outputs.Select(o => o.Name), plan.Adapted.Outputs.Select(o => o.Name));
        Assert.Empty(GraphValidator.Validate(plan.Adapted));
        // every value of the original keeps its name
        Assert.Subset(plan.Adapted.Nodes.SelectMany(n => n.Outputs).ToHashSet(), graph.Nodes.SelectMany(n => n.Outputs).ToHashSet());
        Assert.Subset(plan.Adapted.Weights.All.Select(w => w.Name).ToHashSet(), graph.Weights.All.Select(w => w.Name).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Merged_equals_unmerged_and_is_the_plain_graph(string method, string name)
    {
        var graph = TuningGraphs.All[name]();
        var plan = Plan(graph, method);
        var trained = Moved(plan);
        var merged = plan.Merge(trained, out var rounding);
        Assert.Equal(method is "bottleneck" or "dora" or "ia3" or "lora" or "pissa" or "rslora", plan.AddsWeights);
        Assert.Equal(plan.AddsWeights && method != "bottleneck", plan.Merges);
        if (!plan.Merges)
        {
            Assert.Same(trained, merged);
            Assert.True(Difference(Run(graph), Run(merged)) > 1e-3, "the weights were moved, the output was not");
            return;
        }
        Assert.Equal(graph.Nodes.Select(n => n.Name), merged.Nodes.Select(n => n.Name));
        Assert.Equal(graph.Weights.All.Select(w => (w.Name, w.Value.ToString())), merged.Weights.All.Select(w => (w.Name, w.Value.ToString())));
        Assert.InRange(rounding, plan.AddsWeights ? 1e-12 : 0, plan.AddsWeights ? 1e-6 : 0);
        var (before, unmerged, after) = (Run(graph), Run(trained), Run(merged));
        Same(unmerged, after, 2e-5);
        Assert.True(Difference(before, unmerged) > 1e-3, "the weights were moved, the output was not");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_trains_are_parameters_named_once_and_in_store_order(string method, string name)
    {
        var plan = Plan(TuningGraphs.All[name](), method);
        var names = plan.Trainable.Select(t => t.Name).ToList();
        Assert.Equal(plan.Adapted.Weights.All.Where(w => names.Contains(w.Name)).Select(w => w.Name), names);
        Assert.All(names, n => Assert.Equal(WeightRole.Parameter, plan.Adapted.Weights[n].Role));
        Assert.NotEmpty(plan.Description);
        Assert.Equal(method is not ("full" or "norm-only"), plan.FreezeBatchNorm);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_keeps_weights_names_and_outputs(string method, string name)
    {
        var plan = Plan(TuningGraphs.All[name](), method);
        var trained = Moved(plan);
        var path = Path.Combine(_folder.Path, "adapted.onnx");
        OnnxWriter.Write(trained, path);
        var read = OnnxReader.Read(path);
        foreach (var weight in trained.Weights.All.Where(w => w.Role != WeightRole.Constant))
            Assert.True(weight.Value.Data.Span<byte>().SequenceEqual(read.Weights[weight.Name].Value.Data.Span<byte>()), weight.Name);
        Same(Run(trained), Run(read), 1e-6);
        Assert.All(plan.Trainable.Where(t => t.Name.Contains("lora", StringComparison.Ordinal)), t => Assert.Equal(WeightRole.Parameter, read.Weights[t.Name].Role));
    }

    [Theory]
    [InlineData("mlp", "full", 5 * 8 + 3 * 8 + 8 + 8 * 7 + 7 + 7 * 3 + 3 + 2 * 8 + 2 * 7 + 6 * 3)]
    [InlineData("mlp", "head", 7 * 3 + 3)]
    [InlineData("mlp", "last-n", 7 * 3 + 3 + 8 * 7 + 7 + 2 * 7)]
    [InlineData("mlp", "bitfit", 7 * 3 + 3 + 8 + 7 + 8 + 7)]
    [InlineData("mlp", "norm-only", 7 * 3 + 3 + 2 * 8 + 2 * 7)]
    [InlineData("mlp", "lora", 7 * 3 + 3 + 3 * (8 + 8) + 3 * (8 + 7))]
    [InlineData("mlp", "rslora", 7 * 3 + 3 + 3 * (8 + 8) + 3 * (8 + 7))]
    [InlineData("mlp", "dora", 7 * 3 + 3 + 3 * (8 + 8) + 3 * (8 + 7) + 8 + 7)]
    [InlineData("mlp", "ia3", 7 * 3 + 3 + 8 + 7)]
    [InlineData("residual", "head", 44)]
    [InlineData("residual", "last-n", 44 + 2 * (10 * 10 * 9 + 20))]
    [InlineData("residual", "bitfit", 44 + 6 * 5 + 10 * 5)]
    [InlineData("residual", "norm-only", 44 + 2 * (6 * 5 + 10 * 5))]
    [InlineData("residual", "lora", 44 + 3 * (27 + 6) + 3 * 4 * (54 + 6) + 3 * (54 + 10) + 3 * 3 * (90 + 10) + 3 * (6 + 10))]
    [InlineData("residual without names", "last-n", 44 + 2 * (10 * 10 * 9 + 20))]
    [InlineData("inverted", "head", 12 * 4 + 4)]
    [InlineData("inverted", "last-n", 52 + 8 * 12 + 12 + 8 * 16 + 16 + 9 * 16 + 16 + 16 * 4 + 4 + 4 * 16 + 16 + 16 * 8 + 8)]
    [InlineData("inverted", "lora", 52 + 3 * (27 + 8) + 3 * 3 * (8 + 16 + 16 + 4 + 4 + 16 + 16 + 8) + 3 * (8 + 12))]
    [InlineData("encoder", "head", 32 * 5 + 5)]
    [InlineData("encoder", "last-n", 165 + 64 + 4 * (32 * 32 + 32) + 128 + 2 * 32 * 48 + 48 + 32)]
    [InlineData("encoder without names", "last-n", 165 + 64 + 4 * (32 * 32 + 32) + 128 + 2 * 32 * 48 + 48 + 32)]
    [InlineData("encoder", "bitfit", 165 + 32 + 3 * (4 * 32 + 48 + 32 + 64) + 32)]
    [InlineData("encoder", "norm-only", 165 + 3 * 128 + 64)]
    [InlineData("encoder", "bottleneck", 165 + 6 * (2 * 2 * 32 + 2 + 32))]
    [InlineData("encoder without names", "bottleneck", 165 + 6 * (2 * 2 * 32 + 2 + 32))]
    [InlineData("encoder", "lora", 165 + 3 * (9 + 32) + 3 * 3 * (4 * 64 + 2 * 80))]
    public void The_count_is_the_formulas(string name, string method, long expected)
    {
        var plan = Plan(TuningGraphs.All[name](), method);
        Assert.Equal(expected, plan.Trainable.Sum(t => plan.Adapted.Weights[t.Name].Count));
    }

    [Theory]
    [InlineData("bitfit")]
    [InlineData("full")]
    [InlineData("head")]
    [InlineData("last-n")]
    [InlineData("lora")]
    [InlineData("norm-only")]
    public void Training_moves_what_was_declared_and_nothing_else(string method)
    {
        var graph = TuningGraphs.All["mlp"]();
        var plan = Plan(graph with { Weights = graph.Weights.DeepCopy() }, method);
        using var model = DenseCompiler.Compile(plan.Adapted, new CompileOptions { Trainable = plan.Trainable, FreezeBatchNorm = plan.FreezeBatchNorm, MaxRows = 40 });
        var before = plan.Adapted.Weights.DeepCopy();
        var set = new EncodedSet(40, [new FloatInput("features", 5, Numbers("f", 200)), new IndexInput("index:city", 1, [.. Enumerable.Range(0, 40).Select(i => i % 6)])], Targets.Classes([.. Enumerable.Range(0, 40).Select(i => i * 7 % 3)]));
        for (var step = 0; step < 4; step++)
        {
            model.Accumulate(set, Rows(40), new CrossEntropy(), 40, new MicroStep(step, 0));
            model.Update(new AdamW(), new UpdateStep(step, 0.01, 0, 1));
        }
        model.SaveWeights();
        var trains = plan.Trainable.Select(t => t.Name).ToHashSet();
        foreach (var weight in before.All.Where(w => w.Role != WeightRole.Constant))
        {
            var moves = trains.Contains(weight.Name) || (weight.Role == WeightRole.Buffer && !plan.FreezeBatchNorm);
            Assert.True(moves != weight.Value.Data.Span<byte>().SequenceEqual(plan.Adapted.Weights[weight.Name].Value.Data.Span<byte>()), weight.Name);
        }
        var merged = plan.Merge(plan.Adapted);
        var (inside, outside) = (new float[120], new float[120]);
        model.Predict(set, Rows(40), inside);
        using var plain = DenseCompiler.Compile(merged, new CompileOptions());
        plain.Predict(set, Rows(40), outside);
        for (var i = 0; i < inside.Length; i++) Assert.Equal(inside[i], outside[i], 1e-5);
    }

    [Theory]
    [InlineData("scale")]
    [InlineData("transposed")]
    [InlineData("one adapter forgotten")]
    [InlineData("another weight moved")]
    public void The_contract_catches_a_planted_fault(string fault)
    {
        var graph = TuningGraphs.Encoder();
        var plan = Plan(graph, "lora");
        var trained = Moved(plan);
        var wrong = trained with { Weights = trained.Weights.DeepCopy() };
        var b = wrong.Weights["vit.encoder.layer.1.attention.attention.value.lora_B.weight"];
        var merged = plan.Merge(trained);
        switch (fault)
        {
            case "scale": merged = plan.Merge(Scaled(wrong, b, 2)); break;
            case "one adapter forgotten": merged = plan.Merge(Scaled(wrong, b, 0)); break;
            case "transposed":
                var query = merged.Weights["vit.encoder.layer.0.attention.attention.query.weight"];
                var (from, to) = (query.Value.Data.Span<float>().ToArray(), new float[1024]);
                for (var i = 0; i < 1024; i++) to[i / 32 + i % 32 * 32] = from[i];
                merged.Weights.Replace(query with { Value = Tensor.Of(to, 32, 32) });
                break;
            default: merged = plan.Merge(Scaled(wrong, wrong.Weights["vit.layernorm.weight"], 1.01f)); break;
        }
        Assert.True(Difference(Run(trained), Run(merged)) > 1e-4);
        Assert.True(Difference(Run(graph), Run(trained)) > 1e-4);   // identity when fresh is no tautology
    }

    [Fact]
    public void The_self_test_checks_adapters_on_the_users_rows_and_sees_one_that_is_not_fresh()
    {
        var graph = TuningGraphs.All["mlp"]();
        var set = new EncodedSet(40, [new FloatInput("features", 5, Numbers("f", 200)), new IndexInput("index:city", 1, [.. Enumerable.Range(0, 40).Select(i => i % 6)])], null);
        static CompiledModel Compile(Graph g) => DenseCompiler.Compile(g, new CompileOptions());
        var plan = Plan(graph, "lora");
        var before = plan.Adapted.Weights.All.Select(w => w.Value).ToList();
        Assert.All(Attune.Training.AdapterCheck.Run(plan, set, Compile), c => Assert.True(c.Passed, $"{c.Name}: {c.Detail}"));
        Assert.Equal(before, plan.Adapted.Weights.All.Select(w => w.Value));
        Assert.Empty(Attune.Training.AdapterCheck.Run(Plan(graph, "head"), set, Compile));
        // planted: an engine that gives the adapters' graph another answer than the plain one
        var fault = Attune.Training.AdapterCheck.Run(plan, set, g => Compile(g.Weights.Contains("layers.0.lora_A.weight") ? g with { Weights = Halved(g.Weights) } : g));
        Assert.All(fault, c => Assert.False(c.Passed, c.Name));
    }

    private static WeightStore Halved(WeightStore weights)
    {
        var copy = weights.DeepCopy();
        var weight = copy["layers.1.weight"];
        copy.Replace(weight with { Value = Tensor.Of([.. weight.Value.Data.Span<float>().ToArray().Select(v => v / 2)], [.. weight.Value.Sizes]) });
        return copy;
    }

    private static Graph Scaled(Graph graph, Weight weight, float factor)
    {
        graph.Weights.Replace(weight with { Value = Tensor.Of([.. weight.Value.Data.Span<float>().ToArray().Select(v => v * factor)], [.. weight.Value.Sizes]) });
        return graph;
    }

    internal static MethodPlan Plan(Graph graph, string method) => MethodPlan.For(graph, new MethodOptions { Name = method, Rank = method is "lora" or "rslora" or "dora" or "pissa" ? 3 : 8 }, 0.01, 0, None, 5);

    /// <summary>Every trainable weight moved by seeded noise, as training would.</summary>
    internal static Graph Moved(MethodPlan plan)
    {
        var graph = plan.Adapted with { Weights = plan.Adapted.Weights.DeepCopy() };
        foreach (var trainable in plan.Trainable)
        {
            var weight = graph.Weights[trainable.Name];
            var noise = Numbers("noise" + weight.Name, (int)weight.Count, 0.1f);
            graph.Weights.Replace(weight with { Value = Tensor.Of([.. weight.Value.Data.Span<float>().ToArray().Zip(noise, (a, b) => a + b)], [.. weight.Value.Sizes]) });
        }
        return graph;
    }

    private float[] Run(Graph graph)
    {
        var path = Path.Combine(_folder.Path, $"graph{_files++}.onnx");
        OnnxWriter.Write(graph, path);
        return OnnxRuntimeCheck.Run(path, TuningGraphs.Inputs(graph))[graph.Outputs[0].Name].Data.Span<float>().ToArray();
    }

    private static void Same(float[] expected, float[] actual, double tolerance) => Assert.True(Difference(expected, actual) <= tolerance * Math.Max(1, expected.Max(Math.Abs)), $"differ by {Difference(expected, actual):E2}");

    private static double Difference(float[] a, float[] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();
    }
}
