using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>
/// DeBERTa v2 and v3 (He et al. 2020, arXiv:2006.03654; He et al. 2021, arXiv:2111.09543): scores are the sum of content to content, content to position and position to content,
/// where positions are buckets of distances with embeddings shared by all layers.
/// </summary>
public static class DebertaV2
{
    internal static Value Encode(TextLayers n, DebertaV2Shape s, string p)
    {
        var x = n.State(Embed(n, s, p + "embeddings"));                                     // [B, T, D]
        Value? distances = s.RelativeAttention ? Distances(n, s, p) : null;                 // [2S, D]
        for (var i = 0; i < s.Depth; i++) x = n.State(Layer(n, x, distances, s, $"{p}encoder.layer.{TextLayers.Text(i)}"));
        return x;
    }

    private static Value Embed(TextLayers n, DebertaV2Shape s, string p)
    {
        var g = n.Graph;
        var e = s.EmbeddingWidth;
        var x = n.Lookup(n.Table($"{p}.word_embeddings.weight", s.VocabularySize, e, s.PadId), n.Ids);
        if (s.PositionBiasedInput) x = g.Add(x, n.FirstRows(n.Table($"{p}.position_embeddings.weight", s.MaxPositions, e)));
        if (s.TokenTypes > 0)
        {
            var types = n.Table($"{p}.token_type_embeddings.weight", s.TokenTypes, e);
            x = g.Add(x, n.Types is { } ids ? n.Lookup(types, ids) : n.Lookup(types, n.Integers(0)));
        }
        if (e != s.Width) x = n.Linear(x, $"{p}.embed_proj", e, s.Width, bias: false);
        x = n.LayerNorm(x, $"{p}.LayerNorm", s.Width);
        return n.Dropout(g.Mul(x, n.Unsqueeze(n.Float(n.Mask), 2)), s.Dropout);
    }

    private static Value Distances(TextLayers n, DebertaV2Shape s, string p)
    {
        var table = n.Table($"{p}encoder.rel_embeddings.weight", 2 * s.Span, s.Width);
        return s.NormalizesDistances ? n.LayerNorm(table, $"{p}encoder.LayerNorm", s.Width) : table;
    }

    private static Value Layer(TextLayers n, Value x, Value? distances, DebertaV2Shape s, string p)
    {
        var g = n.Graph;
        var y = Attention(n, x, distances, s, $"{p}.attention.self");                       // [B, T, D]
        y = n.Dropout(n.Linear(y, $"{p}.attention.output.dense", s.Width, s.Width), s.Dropout);
        x = n.LayerNorm(g.Add(y, x), $"{p}.attention.output.LayerNorm", s.Width);
        y = n.Activate(n.Linear(x, $"{p}.intermediate.dense", s.Width, s.Hidden), s.Activation);
        y = n.Dropout(n.Linear(y, $"{p}.output.dense", s.Hidden, s.Width), s.Dropout);
        return n.LayerNorm(g.Add(y, x), $"{p}.output.LayerNorm", s.Width);
    }

    private static Value Attention(TextLayers n, Value x, Value? distances, DebertaV2Shape s, string p)
    {
        var g = n.Graph;
        Value Project(Value input, string name) => n.Linear(input, $"{p}.{name}", s.Width, s.Width);
        var (q, k, v) = (g.SplitHeads(Project(x, "query_proj"), s.Heads, s.Width), g.SplitHeads(Project(x, "key_proj"), s.Heads, s.Width), g.SplitHeads(Project(x, "value_proj"), s.Heads, s.Width));
        var scale = 1 / Math.Sqrt((double)s.Width / s.Heads * (1 + (s.ContentToPosition ? 1 : 0) + (s.PositionToContent ? 1 : 0)));
        var bias = n.MaskBias;                                                              // [B, 1, 1, T]
        if (distances is { } table)
        {
            table = n.Dropout(table, s.Dropout);
            // [2S, D] → [N, d, 2S]
            Value Turned(string shared, string own) => g.Transpose(g.Reshape(Project(table, s.SharesKeys ? shared : own), 0, s.Heads, s.Width / s.Heads), 1, 2, 0);
            if (s.ContentToPosition) bias = g.Add(Picked(n, g.Node("MatMul", [q, Turned("key_proj", "pos_key_proj")]), s, scale), bias);                                  // [B, N, T, T]
            if (s.PositionToContent) bias = g.Add(g.Transpose(Picked(n, g.Node("MatMul", [k, Turned("query_proj", "pos_query_proj")]), s, scale, turned: true), 0, 1, 3, 2), bias);
        }
        return g.MergeHeads(n.Attention(q, k, v, bias, scale, name: p), s.Width);
    }

    /// <summary>Of the scores for every bucket [B, N, T, 2S] those of the places' distances, times the scale: [B, N, T, T].</summary>
    private static Value Picked(TextLayers n, Value scores, DebertaV2Shape s, double scale, bool turned = false)
    {
        var g = n.Graph;
        var limit = s.MaxPlaces;
        var places = new long[2 * limit - 1];
        for (var i = 0; i < places.Length; i++)
        {
            var bucket = Bucket(i - (limit - 1), s);
            places[i] = Math.Clamp((turned ? -bucket : bucket) + s.Span, 0, 2 * s.Span - 1);
        }
        var index = g.Node("Gather", [n.Integers(places), n.Distances(limit)]);             // [T, T], rows q − columns k
        var sizes = g.Concat([g.Node("Shape", [scores], Attributes.Of(("start", 0L), ("end", 3L))), n.Tokens], axis: 0);
        var picked = g.Node("GatherElements", [scores, g.Node("Expand", [index, sizes])], Attributes.Of(("axis", 3L)));
        return g.Mul(picked, n.Scalar((float)scale));
    }

    /// <summary>Near distances as they are, far ones in logarithmic buckets.</summary>
    private static int Bucket(int distance, DebertaV2Shape s)
    {
        if (s.Buckets <= 0) return distance;
        var middle = s.Buckets / 2;
        var far = distance < middle && distance > -middle ? middle - 1 : Math.Abs(distance);
        if (far <= middle) return distance;
        var log = (int)Math.Ceiling(MathF.Log((float)far / middle) / MathF.Log((s.MaxDistance - 1f) / middle) * (middle - 1)) + middle;
        return log * Math.Sign(distance);
    }

    internal static Value Head(TextLayers n, Value x, DebertaV2Shape s, TextHead head, int outputs)
    {
        switch (head)
        {
            case TextHead.SequenceClassification:
                var pooled = n.Activate(n.Dense(n.Dropout(n.First(x), s.PoolerDropout), "pooler.dense", s.PoolerWidth, s.PoolerWidth), s.PoolerActivation);   // [B, D]
                return n.Dense(n.Dropout(pooled, s.ClassifierDropout ?? s.Dropout), "classifier", s.PoolerWidth, outputs);
            case TextHead.TokenClassification: return n.Linear(n.Dropout(x, s.Dropout), "classifier", s.Width, outputs);
            case TextHead.QuestionAnswering: return n.Linear(x, "qa_outputs", s.Width, 2);
            default:
                if (!s.Legacy) throw new OptionsException("config.json: 'legacy' is false; the scores of words that DeBERTa has then are not built. Take another head.");
                return Bert.Predictions(n, x, "cls.predictions", s.Width, s.EmbeddingWidth, s.Activation, s.Prefix + s.Words);
        }
    }

    internal static TextShape Read(ConfigReader c)
    {
        if (c.Count("conv_kernel_size", 0) > 0) c.Refuse("'conv_kernel_size' is above 0; the convolution behind DeBERTa's first layer is not built");
        c.Activation("conv_act", "tanh");
        c.Count("conv_groups", 1);
        c.Require("talking_head", false);
        var width = c.Size("hidden_size", 1536);
        var kinds = Kinds(c);
        var positions = c.Size("max_position_embeddings", 512);
        var relative = c.Flag("relative_attention", false);
        var furthest = c.OptionalWhole("max_relative_positions") ?? -1;
        var shape = new DebertaV2Shape
        {
            VocabularySize = c.Size("vocab_size", 128100),
            EmbeddingWidth = c.Size("embedding_size", width),
            Width = width,
            Depth = c.Size("num_hidden_layers", 24),
            Heads = c.Size("num_attention_heads", 24),
            Hidden = c.Size("intermediate_size", 6144),
            Activation = c.Activation("hidden_act", "gelu"),
            MaxPositions = positions,
            TokenTypes = c.Count("type_vocab_size", 0),
            PadId = c.Index("pad_token_id", 0),
            Epsilon = (float)c.Number("layer_norm_eps", 1e-7),
            InitializerRange = c.Number("initializer_range", 0.02),
            Dropout = c.Probability("hidden_dropout_prob", 0.1),
            AttentionDropout = c.Probability("attention_probs_dropout_prob", 0.1),
            ClassifierDropout = c.OptionalProbability("cls_dropout"),
            RelativeAttention = relative,
            MaxDistance = furthest < 1 ? positions : furthest,
            Buckets = c.OptionalWhole("position_buckets") ?? -1,
            NormalizesDistances = c.OneOf("norm_rel_ebd", "none", ["none", "layer_norm"]) == "layer_norm",
            SharesKeys = c.Flag("share_att_key", false),
            ContentToPosition = relative && kinds.Contains("c2p"),
            PositionToContent = relative && kinds.Contains("p2c"),
            PositionBiasedInput = c.Flag("position_biased_input", true),
            PoolerDropout = c.Probability("pooler_dropout", 0),
            PoolerActivation = c.Activation("pooler_hidden_act", "gelu"),
            PoolerWidth = c.Size("pooler_hidden_size", width),
            Legacy = c.Flag("legacy", true),
            TiesWords = c.Flag("tie_word_embeddings", true),
        };
        if (shape.PoolerWidth != width) c.Refuse($"'pooler_hidden_size' is {shape.PoolerWidth}; only 'hidden_size' ({width}) is built");
        return shape;
    }

    // A list, or one text with bars.
    private static List<string> Kinds(ConfigReader c)
    {
        if (c.Deciding("pos_att_type") is not { } value) return [];
        var kinds = value.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => v.ToString())] : value.ToString().Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        var unknown = kinds.Where(k => k is not ("c2p" or "p2c")).ToList();
        if (unknown.Count > 0) c.Refuse($"'pos_att_type' asks for {NearestName.Preview(unknown)}; c2p and p2c are built");
        return kinds;
    }
}
