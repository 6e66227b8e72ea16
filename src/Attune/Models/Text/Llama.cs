using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>
/// Llama (Touvron et al. 2023, arXiv:2302.13971) and its relatives Qwen2 (biases on query, key and value) and Qwen3 (norms on the heads of query and key): rotary positions,
/// several query heads to a key head, gated feed-forward layers, RMS norm in front of each branch, each token sees those before it.
/// </summary>
public static class Llama
{
    internal static Value Encode(TextLayers n, LlamaShape s, string p)
    {
        var x = n.State(n.Lookup(n.Table($"{p}embed_tokens.weight", s.VocabularySize, s.Width, s.PadId), n.Ids));   // [B, T, D]
        var rotary = new Rotary(n, s.MaxPositions, s.HeadWidth, s.RotaryBase, s.Scaling);
        for (var i = 0; i < s.Depth; i++)
        {
            x = Layer(n, x, rotary, s, $"{p}layers.{TextLayers.Text(i)}");
            if (i < s.Depth - 1) n.State(x);
        }
        return n.State(n.RmsNorm(x, $"{p}norm", s.Width));
    }

    private static Value Layer(TextLayers n, Value x, Rotary rotary, LlamaShape s, string p)
    {
        var g = n.Graph;
        var (y, isNormed) = (n.RmsNorm(x, $"{p}.input_layernorm", s.Width), s.ModelType == "qwen3");
        Value Heads(string name, int heads) => g.SplitHeads(n.Linear(y, $"{p}.self_attn.{name}_proj", s.Width, heads * s.HeadWidth, s.QueryBias), heads, heads * s.HeadWidth);   // [B, N, T, d]
        Value Turned(string name, int heads) => rotary.Turn(isNormed ? n.RmsNorm(Heads(name, heads), $"{p}.self_attn.{name}_norm", s.HeadWidth) : Heads(name, heads));
        var context = n.Attention(Turned("q", s.Heads), Turned("k", s.KeyHeads), Heads("v", s.KeyHeads), n.MaskBias, isCausal: true, name: $"{p}.self_attn");
        x = g.Add(x, n.Linear(g.MergeHeads(context, s.Heads * s.HeadWidth), $"{p}.self_attn.o_proj", s.Heads * s.HeadWidth, s.Width, s.OutputBias));
        y = n.RmsNorm(x, $"{p}.post_attention_layernorm", s.Width);
        var gate = n.Activate(n.Linear(y, $"{p}.mlp.gate_proj", s.Width, s.Hidden, s.MlpBias), s.Activation);
        return g.Add(x, n.Linear(g.Mul(gate, n.Linear(y, $"{p}.mlp.up_proj", s.Width, s.Hidden, s.MlpBias)), $"{p}.mlp.down_proj", s.Hidden, s.Width, s.MlpBias));
    }

    internal static TextShape Read(ConfigReader c)
    {
        var type = c.Text("model_type", "llama");
        var (isLlama, isQwen2) = (type == "llama", type == "qwen2");
        var (width, heads, positions) = (c.Size("hidden_size", 4096), c.Size("num_attention_heads", 32), c.Size("max_position_embeddings", isLlama ? 2048 : 32768));
        var bias = !isQwen2 && c.Flag("attention_bias", false);
        if (!isLlama) Window(c);
        var shape = new LlamaShape
        {
            ModelType = type,
            VocabularySize = c.Size("vocab_size", isLlama ? 32000 : 151936),
            Width = width,
            Depth = c.Size("num_hidden_layers", 32),
            Heads = heads,
            KeyHeads = c.Size("num_key_value_heads", isLlama ? heads : 32),
            HeadWidth = c.Size("head_dim", type == "qwen3" ? 128 : Math.Max(1, width / heads)),
            Hidden = c.Size("intermediate_size", isLlama ? 11008 : 22016),
            Activation = c.Activation("hidden_act", "silu"),
            MaxPositions = positions,
            PadId = c.Index("pad_token_id", null),
            Epsilon = (float)c.Number("rms_norm_eps", 1e-6),
            InitializerRange = c.Number("initializer_range", 0.02),
            AttentionDropout = c.Probability("attention_dropout", 0),
            ClassifierDropout = c.OptionalProbability("classifier_dropout") ?? c.OptionalProbability("hidden_dropout"),
            QueryBias = bias || isQwen2,
            OutputBias = bias,
            MlpBias = isLlama && c.Flag("mlp_bias", false),
            RotaryBase = c.Number("rope_theta", 10000),
            Scaling = RotaryScaling.Read(c, positions),
            TiesWords = c.Flag("tie_word_embeddings", false),
        };
        if (heads % shape.KeyHeads != 0) c.Refuse($"{heads} attention heads are no multiple of {shape.KeyHeads} key and value heads");
        if (shape.HeadWidth % 2 != 0) c.Refuse($"the width of a head is {shape.HeadWidth}; rotary positions need an even one");
        if (!(shape.RotaryBase > 0)) c.Refuse("'rope_theta' is not above 0");
        return shape;
    }

    // The window that newer Qwen files describe and leave switched off.
    private static void Window(ConfigReader c)
    {
        c.Require("use_sliding_window", false);
        _ = c.Find("sliding_window");
        if (c.Find("layer_types") is { } types && types.GetRawText().Contains("sliding", StringComparison.Ordinal)) c.Refuse("'layer_types' has layers with a sliding window; only full attention is built");
    }
}
