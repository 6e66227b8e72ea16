using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>
/// ModernBERT (Warner et al. 2024, arXiv:2412.13663): rotary positions, every third layer sees all tokens and the others a window, gated feed-forward layers, norm in front
/// of each branch. Fresh weights are normal, where upstream cuts the tails off.
/// </summary>
public static class ModernBert
{
    internal static Value Encode(TextLayers n, ModernBertShape s, string p)
    {
        var x = n.Lookup(n.Table($"{p}embeddings.tok_embeddings.weight", s.VocabularySize, s.Width, s.PadId), n.Ids);   // [B, T, D]
        x = n.Dropout(n.LayerNorm(x, $"{p}embeddings.norm", s.Width, s.NormBias), s.EmbeddingDropout);
        var (near, global, local) = (Window(n, s), new Rotary(n, s.MaxPositions, s.Width / s.Heads, s.GlobalBase), new Rotary(n, s.MaxPositions, s.Width / s.Heads, s.LocalBase));
        for (var i = 0; i < s.Depth; i++)
        {
            n.State(x);
            var all = i % s.GlobalEvery == 0;
            x = Layer(n, x, all ? n.MaskBias : near, all ? global : local, s, $"{p}layers.{TextLayers.Text(i)}", i == 0);
        }
        return n.LayerNorm(n.State(x), $"{p}final_norm", s.Width, s.NormBias);
    }

    private static Value Layer(TextLayers n, Value x, Value bias, Rotary rotary, ModernBertShape s, string p, bool isFirst)
    {
        var g = n.Graph;
        var y = isFirst ? x : n.LayerNorm(x, $"{p}.attn_norm", s.Width, s.NormBias);
        var parts = g.Split(n.Linear(y, $"{p}.attn.Wqkv", s.Width, 3 * s.Width, s.AttentionBias), 2, s.Width, s.Width, s.Width);
        var (q, k) = (rotary.Turn(g.SplitHeads(parts[0], s.Heads, s.Width)), rotary.Turn(g.SplitHeads(parts[1], s.Heads, s.Width)));   // [B, N, T, d]
        var context = g.MergeHeads(n.Attention(q, k, g.SplitHeads(parts[2], s.Heads, s.Width), bias, name: $"{p}.attn"), s.Width);
        x = g.Add(x, n.Dropout(n.Linear(context, $"{p}.attn.Wo", s.Width, s.Width, s.AttentionBias), s.AttentionDropout));
        var wide = g.Split(n.Linear(n.LayerNorm(x, $"{p}.mlp_norm", s.Width, s.NormBias), $"{p}.mlp.Wi", s.Width, 2 * s.Hidden, s.MlpBias), 2, s.Hidden, s.Hidden);
        y = n.Dropout(g.Mul(n.Activate(wide[0], s.Activation), wide[1]), s.MlpDropout);
        return g.Add(x, n.Linear(y, $"{p}.mlp.Wo", s.Hidden, s.Width, s.MlpBias));
    }

    /// <summary>Padding and everything further away than half the window is not seen: [B, 1, T, T].</summary>
    private static Value Window(TextLayers n, ModernBertShape s)
    {
        var g = n.Graph;
        var apart = g.Node("Abs", [g.Node("Sub", [n.Unsqueeze(n.Places, 1), n.Unsqueeze(n.Places, 0)])]);   // [T, T]
        return g.Node("Where", [g.Node("LessOrEqual", [apart, n.Scalar((long)(s.Window / 2))]), n.MaskBias, n.Lowest]);
    }

    internal static Value Head(TextLayers n, Value x, ModernBertShape s, TextHead head, int outputs)
    {
        var g = n.Graph;
        var isWords = head == TextHead.MaskedLanguageModel;
        if (head == TextHead.SequenceClassification)
        {
            x = s.PoolsMean ? SentencePooling.Append(n, x, s.Width, [PoolingMode.Mean], [], false).Value : n.First(x);   // [B, D]
            x = n.LayerNorm(n.Activate(n.Dense(x, "head.dense", s.Width, s.Width, s.ClassifierBias), s.ClassifierActivation), "head.norm", s.Width, s.NormBias);
            return n.Dense(n.Dropout(x, s.ClassifierDropout ?? 0), "classifier", s.Width, outputs);
        }
        x = n.LayerNorm(n.Activate(n.Linear(x, "head.dense", s.Width, s.Width, s.ClassifierBias), s.ClassifierActivation), "head.norm", s.Width, s.NormBias);
        return isWords
            ? n.Vocabulary(x, "decoder", s.Prefix + s.Words, s.Width, s.DecoderBias ? "decoder.bias" : null)
            : n.Linear(n.Dropout(x, s.ClassifierDropout ?? 0), "classifier", s.Width, outputs);
    }

    internal static TextShape Read(ConfigReader c)
    {
        var shape = new ModernBertShape
        {
            VocabularySize = c.Size("vocab_size", 50368),
            Width = c.Size("hidden_size", 768),
            Depth = c.Size("num_hidden_layers", 22),
            Heads = c.Size("num_attention_heads", 12),
            Hidden = c.Size("intermediate_size", 1152),
            Activation = c.Activation("hidden_activation", "gelu"),
            MaxPositions = c.Size("max_position_embeddings", 8192),
            PadId = c.Index("pad_token_id", 50283),
            Epsilon = (float)c.Number("norm_eps", 1e-5),
            InitializerRange = c.Number("initializer_range", 0.02),
            AttentionDropout = c.Probability("attention_dropout", 0),
            EmbeddingDropout = c.Probability("embedding_dropout", 0),
            MlpDropout = c.Probability("mlp_dropout", 0),
            ClassifierDropout = c.Probability("classifier_dropout", 0),
            NormBias = c.Flag("norm_bias", false),
            AttentionBias = c.Flag("attention_bias", false),
            MlpBias = c.Flag("mlp_bias", false),
            ClassifierBias = c.Flag("classifier_bias", false),
            DecoderBias = c.Flag("decoder_bias", true),
            ClassifierActivation = c.Activation("classifier_activation", "gelu"),
            PoolsMean = c.OneOf("classifier_pooling", "cls", ["cls", "mean"]) == "mean",
            GlobalEvery = c.Size("global_attn_every_n_layers", 3),
            Window = c.Size("local_attention", 128),
            GlobalBase = c.Number("global_rope_theta", 160000),
            TiesWords = c.Flag("tie_word_embeddings", true),
        };
        return shape with { LocalBase = c.Find("local_rope_theta") is null ? 10000 : c.Number("local_rope_theta", 10000) };
    }
}
