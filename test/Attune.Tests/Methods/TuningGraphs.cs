using Attune.Graphs;
using Attune.Models;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Methods;

/// <summary>Networks of the kinds that people tune, small and with seeded weights, and inputs for them.</summary>
internal static class TuningGraphs
{
    /// <summary>Every kind by name.</summary>
    public static IReadOnlyDictionary<string, Func<Graph>> All { get; } = new Dictionary<string, Func<Graph>>
    {
        ["mlp"] = () => Mlp.Build([new NetworkInput("features", 5), new NetworkInput("index:city", 1, 6, 3)], 3, new MlpShape([8, 7], "gelu", "batch", 0.1, false), 1),
        ["residual"] = Residual,
        ["residual without names"] = () => Nameless(Residual()),
        ["inverted"] = Inverted,
        ["encoder"] = Encoder,
        ["encoder without names"] = () => Nameless(Encoder()),
    };

    /// <summary>A ResNet: stem, layer1.0, layer1.1, layer2.0 (projected shortcut), layer2.1, pool, fc; torchvision's names.</summary>
    public static Graph Residual()
    {
        var g = new GraphBuilder("residual");
        var x = g.Input("image", DataType.Float, new Shape("B", 3, 12, 12));
        x = g.Relu(Norm(g, Conv(g, x, "conv1", 3, 6, 3, 1), "bn1", 6));
        var width = 6;
        foreach (var (name, to, stride) in new[] { ("layer1.0", 6, 1), ("layer1.1", 6, 1), ("layer2.0", 10, 2), ("layer2.1", 10, 1) })
        {
            var y = g.Relu(Norm(g, Conv(g, x, name + ".conv1", width, to, 3, stride), name + ".bn1", to));
            y = Norm(g, Conv(g, y, name + ".conv2", to, to, 3, 1), name + ".bn2", to);
            var shortcut = width == to ? x : Norm(g, Conv(g, x, name + ".downsample.0", width, to, 1, stride), name + ".downsample.1", to);
            (x, width) = (g.Relu(g.Add(y, shortcut)), to);
        }
        x = g.Node("Flatten", [g.Node("GlobalAveragePool", [x])]);
        g.Output(Linear(g, x, "fc", 10, 4), "logits", DataType.Float, new Shape("B", 4));
        return g.Build();
    }

    /// <summary>Depthwise convolutions with squeeze-excite, weights called as exporters call them, names on the nodes only; a 1×1 Conv, a pool and a Softmax at the end.</summary>
    public static Graph Inverted()
    {
        var g = new GraphBuilder("inverted");
        var x = g.Input("image", DataType.Float, new Shape("B", 3, 10, 10));
        var count = 20;
        x = g.Node("HardSwish", [Exported(x, "/features/features.0/features.0.0/Conv", 3, 8, 3, 2)]);
        for (var i = 1; i <= 3; i++)
        {
            var p = $"/features/features.{i}/block";
            var y = g.Node("HardSwish", [Exported(x, p + "/block.0/block.0.0/Conv", 8, 16, 1)]);
            y = g.Node("HardSwish", [Exported(y, p + "/block.1/block.1.0/Conv", 16, 16, 3, groups: 16)]);
            var s = g.Relu(Exported(g.Node("GlobalAveragePool", [y]), p + "/block.2/fc1/Conv", 16, 4, 1));
            y = g.Node("Mul", [y, g.Node("HardSigmoid", [Exported(s, p + "/block.2/fc2/Conv", 4, 16, 1)])]);
            x = g.Add(x, Exported(y, p + "/block.3/block.3.0/Conv", 16, 8, 1));
        }
        x = g.Relu(Exported(x, "/features/features.4/features.4.0/Conv", 8, 12, 1));
        x = Exported(x, "/classifier/classifier.1/Conv", 12, 4, 1);
        x = g.Node("Flatten", [g.Node("GlobalAveragePool", [g.Relu(x)])]);
        g.Output(g.Node("Softmax", [x], Attributes.Of(("axis", 1L))), "probabilities", DataType.Float, new Shape("B", 4));
        return g.Build();

        Value Exported(Value input, string node, int inputs, int outputs, int kernel, int stride = 1, int groups = 1)
        {
            var weight = g.Weight($"onnx::Conv_{count++}", Tensor.Of(Numbers(node, outputs * inputs / groups * kernel * kernel, 1 / MathF.Sqrt(inputs / groups * kernel * kernel)), outputs, inputs / groups, kernel, kernel));
            var bias = g.Weight($"onnx::Conv_{count++}", Tensor.Of(Numbers(node + "b", outputs, 0.2f), outputs));
            return g.Node("Conv", [input, weight, bias], Window(kernel, stride, groups), name: node);
        }
    }

    /// <summary>A pre-norm encoder over tokens: weights [out, in] through Transpose and MatMul, one written-out norm, a pooled head as MatMul and Add with Softmax.</summary>
    public static Graph Encoder()
    {
        const int width = 32, heads = 2;
        var g = new GraphBuilder("encoder");
        var x = g.Input("tokens", DataType.Float, new Shape("B", 6, 9));
        x = Dense(g, x, "vit.embeddings.projection", 9, width);
        x = g.Add(x, g.Weight("vit.embeddings.position", Tensor.Of(Numbers("position", 6 * width, 0.3f), 1, 6, width)));
        for (var i = 0; i < 3; i++)
        {
            var p = $"vit.encoder.layer.{i}";
            var h = LayerNorm(g, x, p + ".layernorm_before", width);
            var q = Split(g, Dense(g, h, p + ".attention.attention.query", width, width), [0, 2, 1, 3]);
            var k = Split(g, Dense(g, h, p + ".attention.attention.key", width, width), [0, 2, 3, 1]);
            var v = Split(g, Dense(g, h, p + ".attention.attention.value", width, width), [0, 2, 1, 3]);
            var scores = g.Node("Softmax", [g.Node("Mul", [g.Node("MatMul", [q, k]), g.Constant("scale", Tensor.Of([0.25f]))])], Attributes.Of(("axis", -1L)));   // [B, N, T, T]
            h = g.Node("Transpose", [g.Node("MatMul", [scores, v])], Attributes.Of(("perm", (long[])[0, 2, 1, 3])));
            h = g.Node("Reshape", [h, g.Constant("merged", Tensor.Of([0L, 6, width], 3))]);
            x = g.Add(x, Dense(g, h, p + ".attention.output.dense", width, width));
            h = LayerNorm(g, x, p + ".layernorm_after", width);
            x = g.Add(x, Dense(g, g.Gelu(Dense(g, h, p + ".intermediate.dense", width, 48)), p + ".output.dense", 48, width));
        }
        x = LayerNorm(g, x, "vit.layernorm", width);
        x = g.Node("ReduceMean", [x, g.Constant("axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L)), name: "pooled");
        x = g.Node("MatMul", [x, g.Weight("classifier.weight", Tensor.Of(Numbers("classifier", width * 5, 0.2f), width, 5))], name: "classifier");
        x = g.Add(x, g.Weight("classifier.bias", Tensor.Of(Numbers("classifier.bias", 5, 0.2f), 5)));
        g.Output(g.Node("Softmax", [x], Attributes.Of(("axis", 1L))), "probabilities", DataType.Float, new Shape("B", 5));
        return g.Build();

        static Value Split(GraphBuilder g, Value x, long[] order)
            => g.Node("Transpose", [g.Node("Reshape", [x, g.Constant("split", Tensor.Of([0L, 6, heads, width / heads], 4))])], Attributes.Of(("perm", order)));
    }

    /// <summary>The same network with names that say nothing.</summary>
    public static Graph Nameless(Graph graph)
    {
        var names = graph.Weights.All.Select((w, i) => (w.Name, New: $"w{(char)('a' + i % 26)}{(char)('a' + i / 26)}")).ToDictionary(n => n.Name, n => n.New);
        return graph with
        {
            Nodes = [.. graph.Nodes.Select((n, i) => n with { Name = $"n{i}", Inputs = [.. n.Inputs.Select(x => names.GetValueOrDefault(x, x))] })],
            Weights = new WeightStore(graph.Weights.All.Select(w => w with { Name = names[w.Name] })),
        };
    }

    /// <summary>Seeded inputs for two rows.</summary>
    public static List<(string Name, Tensor Value)> Inputs(Graph graph) => [.. graph.Inputs.Select(i =>
    {
        long[] sizes = [.. i.Shape!.Dimensions.Select(d => d.Size ?? 2)];
        var count = (int)Tensor.Product(sizes);
        return (i.Name, i.Type == DataType.Int64 ? Tensor.Of([.. Enumerable.Range(0, count).Select(n => (long)(n % 4))], sizes) : Tensor.Of(Numbers("input", count), sizes));
    })];

    public static Value Dense(GraphBuilder g, Value x, string prefix, int inputs, int outputs)
    {
        var weight = g.Weight(prefix + ".weight", Tensor.Of(Numbers(prefix, inputs * outputs, 1 / MathF.Sqrt(inputs)), outputs, inputs));
        var product = g.Node("MatMul", [x, g.Node("Transpose", [weight], Attributes.Of(("perm", (long[])[1, 0])))], name: "/" + prefix.Replace('.', '/') + "/MatMul");
        return g.Add(product, g.Weight(prefix + ".bias", Tensor.Of(Numbers(prefix + "b", outputs, 0.2f), outputs)));
    }

    // (x - mean) / √(variance + ε)·γ + β, written out as old exporters do.
    private static Value LayerNorm(GraphBuilder g, Value x, string prefix, int width)
    {
        var axes = g.Constant("axes", Tensor.Of([-1L], 1));
        var centred = g.Node("Sub", [x, g.Node("ReduceMean", [x, axes])]);
        var variance = g.Node("ReduceMean", [g.Node("Mul", [centred, centred]), axes]);
        var normal = g.Node("Div", [centred, g.Node("Sqrt", [g.Add(variance, g.Constant("epsilon", Tensor.Of([1e-5f])))])]);
        var gain = g.Weight(prefix + ".weight", Tensor.Of([.. Numbers(prefix, width, 0.2f).Select(v => v + 1)], width));
        return g.Add(g.Node("Mul", [normal, gain]), g.Weight(prefix + ".bias", Tensor.Of(Numbers(prefix + "b", width, 0.2f), width)));
    }

    private static Value Conv(GraphBuilder g, Value x, string prefix, int inputs, int outputs, int kernel, int stride)
    {
        var weight = g.Weight(prefix + ".weight", Tensor.Of(Numbers(prefix, outputs * inputs * kernel * kernel, 1 / MathF.Sqrt(inputs * kernel * kernel)), outputs, inputs, kernel, kernel));
        return g.Node("Conv", [x, weight], Window(kernel, stride, 1), name: prefix);
    }

    private static Value Norm(GraphBuilder g, Value x, string prefix, int width)
    {
        Engines.Dense.DenseGraphs.Norm(g, prefix, width, buffers: true);
        return g.BatchNorm(x, prefix);
    }

    private static Attributes Window(int kernel, int stride, int groups)
    {
        long k = kernel, s = stride, p = kernel / 2;
        return Attributes.Of(("kernel_shape", (long[])[k, k]), ("strides", (long[])[s, s]), ("pads", (long[])[p, p, p, p]), ("group", (long)groups));
    }
}
