using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>GPT-2 (Radford et al. 2019): learned positions, norm in front of each branch, each token sees those before it. Linear weights are [in, out], as upstream's.</summary>
public static class Gpt2
{
    internal static Value Encode(TextLayers n, Gpt2Shape s, string p)
    {
        var positions = n.Table($"{p}wpe.weight", s.MaxPositions, s.Width);
        var x = n.Lookup(n.Table($"{p}wte.weight", s.VocabularySize, s.Width), n.Ids);             // [B, T, D]
        x = n.State(n.Dropout(n.Graph.Add(x, n.Positions is { } given ? n.Lookup(positions, given) : n.FirstRows(positions)), s.EmbeddingDropout));
        for (var i = 0; i < s.Depth; i++)
        {
            x = Layer(n, x, s, $"{p}h.{TextLayers.Text(i)}", i);
            if (i < s.Depth - 1) n.State(x);
        }
        return n.State(n.LayerNorm(x, $"{p}ln_f", s.Width));
    }

    private static Value Layer(TextLayers n, Value x, Gpt2Shape s, string p, int index)
    {
        var (g, narrow) = (n.Graph, s.InitializerRange / Math.Sqrt(2.0 * s.Depth));
        var parts = g.Split(Project(n, n.LayerNorm(x, $"{p}.ln_1", s.Width), $"{p}.attn.c_attn", s.Width, 3 * s.Width, s.InitializerRange), 2, s.Width, s.Width, s.Width);
        Value Heads(int part) => g.SplitHeads(parts[part], s.Heads, s.Width);                     // [B, N, T, d]
        double? scale = s.ScalesByLayer ? 1 / (Math.Sqrt(s.Width / s.Heads) * (index + 1)) : null;
        var context = g.MergeHeads(n.Attention(Heads(0), Heads(1), Heads(2), n.MaskBias, scale, isCausal: true, $"{p}.attn"), s.Width);
        x = g.Add(x, n.Dropout(Project(n, context, $"{p}.attn.c_proj", s.Width, s.Width, narrow), s.Dropout));
        var y = n.Activate(Project(n, n.LayerNorm(x, $"{p}.ln_2", s.Width), $"{p}.mlp.c_fc", s.Width, s.Hidden, s.InitializerRange), s.Activation);
        return g.Add(x, n.Dropout(Project(n, y, $"{p}.mlp.c_proj", s.Hidden, s.Width, narrow), s.Dropout));
    }

    // x·W + b
    private static Value Project(TextLayers n, Value x, string name, int from, int to, double deviation)
    {
        var product = n.Graph.Node("MatMul", [x, n.Parameter($"{name}.weight", Start.Normal(deviation), from, to)], name: name);
        return n.Graph.Node("Add", [product, n.Parameter($"{name}.bias", Start.Zero, to)], name: name + ".add");
    }

    internal static TextShape Read(ConfigReader c)
    {
        c.Require("scale_attn_weights", true);
        _ = c.Find("n_ctx");                                                                       // older files' second name for n_positions
        var width = c.Size("n_embd", 768);
        return new Gpt2Shape
        {
            VocabularySize = c.Size("vocab_size", 50257),
            Width = width,
            Depth = c.Size("n_layer", 12),
            Heads = c.Size("n_head", 12),
            Hidden = c.Size("n_inner", 4 * width),
            Activation = c.Activation("activation_function", "gelu_new"),
            MaxPositions = c.Size("n_positions", 1024),
            PadId = c.Index("pad_token_id", null),
            Epsilon = (float)c.Number("layer_norm_epsilon", 1e-5),
            InitializerRange = c.Number("initializer_range", 0.02),
            Dropout = c.Probability("resid_pdrop", 0.1),
            EmbeddingDropout = c.Probability("embd_pdrop", 0.1),
            AttentionDropout = c.Probability("attn_pdrop", 0.1),
            ClassifierDropout = c.OptionalProbability("classifier_dropout"),
            ScalesByLayer = c.Flag("scale_attn_by_inverse_layer_idx", false),
            TiesWords = c.Flag("tie_word_embeddings", true),
        };
    }
}
