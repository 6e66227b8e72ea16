using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>MPNet (Song et al. 2020, arXiv:2004.09297): positions from the padding's id on, and a learned bias for each bucket of distances, shared by all layers.</summary>
public static class Mpnet
{
    private const int MaxDistance = 128;

    internal static Value Encode(TextLayers n, MpnetShape s, string p)
    {
        var g = n.Graph;
        var x = n.Lookup(n.Table($"{p}embeddings.word_embeddings.weight", s.VocabularySize, s.Width, s.PadId), n.Ids);   // [B, T, D]
        x = g.Add(x, n.Lookup(n.Table($"{p}embeddings.position_embeddings.weight", s.MaxPositions, s.Width, s.PadId), n.PositionsFromIds(s.PadId ?? 1)));
        x = n.State(n.Dropout(n.LayerNorm(x, $"{p}embeddings.LayerNorm", s.Width), s.Dropout));
        var bias = g.Add(Distances(n, s, p), n.MaskBias);                                                               // [B, N, T, T]
        for (var i = 0; i < s.Depth; i++) x = n.State(Layer(n, x, bias, s, $"{p}encoder.layer.{TextLayers.Text(i)}"));
        return x;
    }

    private static Value Layer(TextLayers n, Value x, Value bias, MpnetShape s, string p)
    {
        var context = n.SelfAttention(x, $"{p}.attention.attn.q", $"{p}.attention.attn.k", $"{p}.attention.attn.v", bias);   // [B, T, D]
        var y = n.Dropout(n.Linear(context, $"{p}.attention.attn.o", s.Width, s.Width), s.Dropout);
        x = n.LayerNorm(n.Graph.Add(y, x), $"{p}.attention.LayerNorm", s.Width);
        y = n.Activate(n.Linear(x, $"{p}.intermediate.dense", s.Width, s.Hidden), s.Activation);
        y = n.Dropout(n.Linear(y, $"{p}.output.dense", s.Hidden, s.Width), s.Dropout);
        return n.LayerNorm(n.Graph.Add(y, x), $"{p}.output.LayerNorm", s.Width);
    }

    // [1, N, T, T]
    private static Value Distances(TextLayers n, MpnetShape s, string p)
    {
        var limit = s.MaxPositions;
        var buckets = new long[2 * limit - 1];
        for (var i = 0; i < buckets.Length; i++) buckets[i] = Bucket(limit - 1 - i, s.Buckets);      // place i stands for query − key = i − (limit − 1)
        var index = n.Graph.Node("Gather", [n.Integers(buckets), n.Distances(limit)]);               // [T, T]
        var table = n.Table($"{p}encoder.relative_attention_bias.weight", s.Buckets, s.Heads);
        return n.Unsqueeze(n.Graph.Transpose(n.Lookup(table, index), 2, 0, 1), 0);
    }

    /// <summary>Bucket of a distance key − query (Raffel et al. 2019, arXiv:1910.10683): half for each direction, exact for the near, logarithmic to 128 and beyond.</summary>
    private static long Bucket(int distance, int buckets)
    {
        var half = buckets / 2;
        var side = distance > 0 ? half : 0;
        var (near, far) = (half / 2, Math.Abs(distance));
        if (far < near) return side + far;
        var step = MathF.Log((float)far / near) / (float)Math.Log((double)MaxDistance / near) * (half - near);
        return side + Math.Min(half - 1, near + (long)step);
    }

    internal static Value Head(TextLayers n, Value x, MpnetShape s, TextHead head, int outputs) => head switch
    {
        TextHead.SequenceClassification => Bert.TwoLayers(n, x, s.Width, "tanh", s.Dropout, outputs),
        TextHead.TokenClassification => n.Linear(n.Dropout(x, s.Dropout), "classifier", s.Width, outputs),
        TextHead.QuestionAnswering => n.Linear(x, "qa_outputs", s.Width, 2),
        _ => Bert.LanguageHead(n, x, s.Width, s.Prefix + s.Words),
    };

    internal static TextShape Read(ConfigReader c) => new MpnetShape
    {
        VocabularySize = c.Size("vocab_size", 30527),
        Width = c.Size("hidden_size", 768),
        Depth = c.Size("num_hidden_layers", 12),
        Heads = c.Size("num_attention_heads", 12),
        Hidden = c.Size("intermediate_size", 3072),
        Activation = c.Activation("hidden_act", "gelu"),
        MaxPositions = c.Size("max_position_embeddings", 512),
        Buckets = c.Size("relative_attention_num_buckets", 32),
        PadId = c.Index("pad_token_id", 1),
        Epsilon = (float)c.Number("layer_norm_eps", 1e-12),
        InitializerRange = c.Number("initializer_range", 0.02),
        Dropout = c.Probability("hidden_dropout_prob", 0.1),
        AttentionDropout = c.Probability("attention_probs_dropout_prob", 0.1),
        TiesWords = c.Flag("tie_word_embeddings", true),
    };
}
