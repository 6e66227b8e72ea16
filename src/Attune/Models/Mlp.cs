using Attune.Graphs;
using Attune.Randomness;
using Attune.Weights;

namespace Attune.Models;

/// <summary>
/// Multi-layer perceptron: embeddings beside the features, then per hidden layer Linear → normalisation → activation → dropout (+ input when residual), then the
/// head. Without hidden sizes it is a linear model. Weights: <c>embedding.COLUMN.weight</c> [V, D], <c>layers.N.weight</c> [out, in], <c>layers.N.bias</c>,
/// <c>norms.N.*</c>, <c>head.weight</c> [K, in], <c>head.bias</c>.
/// </summary>
public static class Mlp
{
    /// <summary>Prefix of the last layer's weights; a new set of classes replaces it.</summary>
    public const string Head = "head";

    /// <summary>Builds the network; its output is <c>logits</c> [B, outputs].</summary>
    /// <param name="inputs">Inputs, real features first.</param>
    /// <param name="outputs">Outputs per row.</param>
    /// <param name="options">Sizes, activation, normalisation, dropout.</param>
    /// <param name="seed">Seed of the starting weights.</param>
    public static Graph Build(IReadOnlyList<NetworkInput> inputs, int outputs, MlpShape options, ulong seed)
    {
        var g = new GraphBuilder("mlp");
        var parts = new List<Value>();
        var width = 0;
        foreach (var input in inputs)
        {
            if (input.Vocabulary == 0)
            {
                parts.Add(g.Input(input.Name, DataType.Float, new Shape("B", input.Width)));
                width += input.Width;
                continue;
            }
            var indices = g.Input(input.Name, DataType.Int64, new Shape((Dimension)"B"));
            var table = $"embedding.{input.Name[(input.Name.IndexOf(':', StringComparison.Ordinal) + 1)..]}.weight";
            g.Weight(table, Normal(seed, table, 0.05, input.Vocabulary, input.EmbeddingWidth));
            parts.Add(g.Embedding(indices, table));
            width += input.EmbeddingWidth;
        }
        var x = g.Concat([.. parts], axis: 1);                    // [B, features + embeddings]
        for (var i = 0; i < options.HiddenSizes.Count; i++)
        {
            var hidden = options.HiddenSizes[i];
            var before = x;
            x = Linear(g, x, $"layers.{i}", width, hidden, options.Activation == "relu" ? 2 : 1, seed);   // [B, hidden]
            x = Normalize(g, x, $"norms.{i}", hidden, options.Normalization);
            x = Activate(g, x, options.Activation);
            x = g.Dropout(x, (float)options.Dropout);
            if (options.Residual && width == hidden) x = g.Add(x, before);
            width = hidden;
        }
        x = Linear(g, x, Head, width, outputs, gain: 1, seed);    // [B, outputs]
        g.Output(x, "logits", DataType.Float, new Shape("B", outputs));
        return g.Build();
    }

    /// <summary>
    /// Adds a new linear layer x·Wᵀ + b, [B, inputs] → [B, outputs]: weight uniform with mean 0 and variance gain / inputs (He et al. 2015, arXiv:1502.01852), bias 0.
    /// </summary>
    /// <param name="g">The graph under construction; gets the weights <c>prefix.weight</c> [outputs, inputs] and <c>prefix.bias</c> [outputs].</param>
    /// <param name="x">[B, inputs].</param>
    /// <param name="prefix">Name of the layer; equal names and seeds give equal weights.</param>
    /// <param name="inputs">Width of <paramref name="x"/>.</param>
    /// <param name="outputs">Width of the result.</param>
    /// <param name="gain">2 before a ReLU, else 1.</param>
    /// <param name="seed">Seed of the starting weights.</param>
    public static Value Linear(GraphBuilder g, Value x, string prefix, int inputs, int outputs, double gain, ulong seed)
    {
        var name = prefix + ".weight";
        g.Weight(name, Uniform(seed, name, Math.Sqrt(3 * gain / inputs), outputs, inputs));
        g.Weight(prefix + ".bias", Tensor.Of(new float[outputs], outputs));
        return g.Linear(x, prefix);
    }

    /// <summary>Numbers uniform in ±<paramref name="bound"/> from the stream called <paramref name="name"/>.</summary>
    internal static Tensor Uniform(ulong seed, string name, double bound, params long[] sizes)
    {
        var stream = new Philox(seed, name);
        var values = new float[Tensor.Product(sizes)];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(bound * (2.0 * stream.Uniform((ulong)i) - 1));
        return Tensor.Of(values, sizes);
    }

    private static Tensor Normal(ulong seed, string name, double deviation, params long[] sizes)
    {
        var stream = new Philox(seed, name);
        var values = new float[Tensor.Product(sizes)];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(deviation * stream.Normal((ulong)i));
        return Tensor.Of(values, sizes);
    }

    private static Value Normalize(GraphBuilder g, Value x, string prefix, int width, string kind)
    {
        if (kind == "none") return x;
        var ones = new float[width];
        Array.Fill(ones, 1);
        g.Weight(prefix + ".weight", Tensor.Of(ones, width));
        g.Weight(prefix + ".bias", Tensor.Of(new float[width], width));
        if (kind == "layer") return g.LayerNorm(x, prefix);
        g.Weight(prefix + ".running_mean", Tensor.Of(new float[width], width), WeightRole.Buffer);
        g.Weight(prefix + ".running_var", Tensor.Of(ones, width), WeightRole.Buffer);
        return g.BatchNorm(x, prefix);
    }

    private static Value Activate(GraphBuilder g, Value x, string activation) => activation switch
    {
        "relu" => g.Relu(x),
        "gelu" => g.Gelu(x),
        "silu" => g.Silu(x),
        "tanh" => g.Tanh(x),
        "sigmoid" => g.Sigmoid(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No such activation."),
    };
}
