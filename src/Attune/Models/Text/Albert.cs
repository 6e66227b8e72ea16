using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>ALBERT (Lan et al. 2019, arXiv:1909.11942): narrow embeddings, and layers that share their weights; a shared weight is one entry used many times.</summary>
public static class Albert
{
    internal static Value Encode(TextLayers n, AlbertShape s, string p)
    {
        var g = n.Graph;
        var e = s.EmbeddingWidth;
        var x = n.Lookup(n.Table($"{p}embeddings.word_embeddings.weight", s.VocabularySize, e, s.PadId), n.Ids);   // [B, T, E]
        var types = n.Table($"{p}embeddings.token_type_embeddings.weight", s.TokenTypes, e);
        x = g.Add(x, n.Types is { } ids ? n.Lookup(types, ids) : n.Lookup(types, n.Integers(0)));
        x = g.Add(x, n.FirstRows(n.Table($"{p}embeddings.position_embeddings.weight", s.MaxPositions, e)));
        x = n.Dropout(n.LayerNorm(x, $"{p}embeddings.LayerNorm", e), s.Dropout);
        x = n.State(n.Linear(x, $"{p}encoder.embedding_hidden_mapping_in", e, s.Width));                            // [B, T, D]
        for (var i = 0; i < s.Depth; i++)
        {
            var group = TextLayers.Text((int)((long)i * s.Groups / s.Depth));
            for (var inner = 0; inner < s.InnerLayers; inner++) x = Layer(n, x, s, $"{p}encoder.albert_layer_groups.{group}.albert_layers.{TextLayers.Text(inner)}");
            n.State(x);
        }
        return x;
    }

    private static Value Layer(TextLayers n, Value x, AlbertShape s, string p)
    {
        var context = n.SelfAttention(x, $"{p}.attention.query", $"{p}.attention.key", $"{p}.attention.value", n.MaskBias);   // [B, T, D]
        var y = n.Dropout(n.Linear(context, $"{p}.attention.dense", s.Width, s.Width), s.Dropout);
        x = n.LayerNorm(n.Graph.Add(x, y), $"{p}.attention.LayerNorm", s.Width);
        y = n.Linear(n.Activate(n.Linear(x, $"{p}.ffn", s.Width, s.Hidden), s.Activation), $"{p}.ffn_output", s.Hidden, s.Width);
        return n.LayerNorm(n.Graph.Add(y, x), $"{p}.full_layer_layer_norm", s.Width);
    }

    internal static Value Pool(TextLayers n, Value x, AlbertShape s, string p) => n.Graph.Tanh(n.Dense(n.First(x), $"{p}pooler", s.Width, s.Width));

    internal static Value Head(TextLayers n, Value x, AlbertShape s, TextHead head, int outputs)
    {
        var dropout = s.ClassifierDropout ?? s.Dropout;
        switch (head)
        {
            case TextHead.SequenceClassification: return n.Dense(n.Dropout(Pool(n, x, s, s.Prefix), dropout), "classifier", s.Width, outputs);
            case TextHead.TokenClassification: return n.Linear(n.Dropout(x, dropout), "classifier", s.Width, outputs);
            case TextHead.QuestionAnswering: return n.Linear(x, "qa_outputs", s.Width, 2);
            default:
                x = n.LayerNorm(n.Activate(n.Linear(x, "predictions.dense", s.Width, s.EmbeddingWidth), s.Activation), "predictions.LayerNorm", s.EmbeddingWidth);
                return n.Vocabulary(x, "predictions.decoder", s.Prefix + s.Words, s.EmbeddingWidth, "predictions.bias", "predictions.decoder.bias");
        }
    }

    internal static TextShape Read(ConfigReader c)
    {
        c.Require("position_embedding_type", "absolute");
        var shape = new AlbertShape
        {
            VocabularySize = c.Size("vocab_size", 30000),
            EmbeddingWidth = c.Size("embedding_size", 128),
            Width = c.Size("hidden_size", 4096),
            Depth = c.Size("num_hidden_layers", 12),
            Groups = c.Size("num_hidden_groups", 1),
            InnerLayers = c.Size("inner_group_num", 1),
            Heads = c.Size("num_attention_heads", 64),
            Hidden = c.Size("intermediate_size", 16384),
            Activation = c.Activation("hidden_act", "gelu_new"),
            MaxPositions = c.Size("max_position_embeddings", 512),
            TokenTypes = c.Size("type_vocab_size", 2),
            PadId = c.Index("pad_token_id", 0),
            Epsilon = (float)c.Number("layer_norm_eps", 1e-12),
            InitializerRange = c.Number("initializer_range", 0.02),
            Dropout = c.Probability("hidden_dropout_prob", 0),
            AttentionDropout = c.Probability("attention_probs_dropout_prob", 0),
            ClassifierDropout = c.OptionalProbability("classifier_dropout_prob") ?? 0.1,
            TiesWords = c.Flag("tie_word_embeddings", true),
        };
        if (shape.Groups > shape.Depth) c.Refuse($"'num_hidden_groups' is {shape.Groups}, more than 'num_hidden_layers' ({shape.Depth})");
        return shape;
    }
}
