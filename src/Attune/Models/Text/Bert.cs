using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>
/// BERT (Devlin et al. 2018, arXiv:1810.04805) and its kin with the same layers: RoBERTa (Liu et al. 2019, arXiv:1907.11692), XLM-RoBERTa, CamemBERT, whose positions count from
/// the padding's id on, and ELECTRA (Clark et al. 2020, arXiv:2003.10555), whose embeddings may be narrower than its layers.
/// </summary>
public static class Bert
{
    /// <summary>Embeddings and layers.</summary>
    internal static Value Encode(TextLayers n, BertShape s, string p)
    {
        var x = n.State(Embed(n, s, p + "embeddings"));                                    // [B, T, D]
        for (var i = 0; i < s.Depth; i++) x = n.State(Layer(n, x, s, $"{p}encoder.layer.{TextLayers.Text(i)}"));
        return x;
    }

    private static Value Embed(TextLayers n, BertShape s, string p)
    {
        var g = n.Graph;
        var e = s.EmbeddingWidth;
        var x = n.Lookup(n.Table($"{p}.word_embeddings.weight", s.VocabularySize, e, s.PadId), n.Ids);          // [B, T, E]
        if (s.TokenTypes > 0)
        {
            var types = n.Table($"{p}.token_type_embeddings.weight", s.TokenTypes, e);
            x = g.Add(x, n.Types is { } ids ? n.Lookup(types, ids) : n.Lookup(types, n.Integers(0)));
        }
        var positions = n.Table($"{p}.position_embeddings.weight", s.MaxPositions, e, s.CountsFromPadding ? s.PadId : null);
        x = g.Add(x, s.CountsFromPadding ? n.Lookup(positions, n.PositionsFromIds(s.PadId ?? 1)) : n.FirstRows(positions));
        x = n.Dropout(n.LayerNorm(x, $"{p}.LayerNorm", e), s.Dropout);
        return s.Naming == BertNaming.Electra && e != s.Width ? n.Linear(x, p + "_project", e, s.Width) : x;
    }

    private static Value Layer(TextLayers n, Value x, BertShape s, string p)
    {
        var g = n.Graph;
        var context = n.SelfAttention(x, $"{p}.attention.self.query", $"{p}.attention.self.key", $"{p}.attention.self.value", n.MaskBias);   // [B, T, D]
        var y = n.Dropout(n.Linear(context, $"{p}.attention.output.dense", s.Width, s.Width), s.Dropout);
        x = n.LayerNorm(g.Add(y, x), $"{p}.attention.output.LayerNorm", s.Width);
        y = n.Activate(n.Linear(x, $"{p}.intermediate.dense", s.Width, s.Hidden), s.Activation);
        y = n.Dropout(n.Linear(y, $"{p}.output.dense", s.Hidden, s.Width), s.Dropout);
        return n.LayerNorm(g.Add(y, x), $"{p}.output.LayerNorm", s.Width);
    }

    /// <summary>tanh of a layer over the first token.</summary>
    internal static Value Pool(TextLayers n, Value x, BertShape s, string p) => n.Graph.Tanh(n.Dense(n.First(x), $"{p}pooler.dense", s.Width, s.Width));

    /// <summary>Heads.</summary>
    internal static Value Head(TextLayers n, Value x, BertShape s, TextHead head, int outputs)
    {
        var dropout = s.ClassifierDropout ?? s.Dropout;
        return head switch
        {
            TextHead.SequenceClassification when s.Naming == BertNaming.Bert => n.Dense(n.Dropout(Pool(n, x, s, s.Prefix), dropout), "classifier", s.Width, outputs),
            TextHead.SequenceClassification => TwoLayers(n, x, s.Width, s.Naming == BertNaming.Electra ? "gelu" : "tanh", dropout, outputs),
            TextHead.TokenClassification => n.Linear(n.Dropout(x, dropout), "classifier", s.Width, outputs),
            TextHead.QuestionAnswering => n.Linear(x, "qa_outputs", s.Width, 2),
            _ => Words(n, x, s),
        };
    }

    /// <summary>RoBERTa's classifier over the first token: dropout, dense, activation, dropout, out_proj.</summary>
    internal static Value TwoLayers(TextLayers n, Value x, int width, string activation, double dropout, int outputs)
    {
        var first = n.Dropout(n.First(x), dropout);                                        // [B, D]
        first = n.Dropout(n.Activate(n.Dense(first, "classifier.dense", width, width), activation), dropout);
        return n.Dense(first, "classifier.out_proj", width, outputs);
    }

    private static Value Words(TextLayers n, Value x, BertShape s)
    {
        var table = s.Prefix + s.Words;
        switch (s.Naming)
        {
            case BertNaming.Bert: return Predictions(n, x, "cls.predictions", s.Width, s.Width, s.Activation, table);
            case BertNaming.Electra:
                x = n.LayerNorm(n.Graph.Gelu(n.Linear(x, "generator_predictions.dense", s.Width, s.EmbeddingWidth)), "generator_predictions.LayerNorm", s.EmbeddingWidth);
                return n.Vocabulary(x, "generator_lm_head", table, s.EmbeddingWidth, "generator_lm_head.bias");
            default: return LanguageHead(n, x, s.Width, table);
        }
    }

    /// <summary>BERT's scores of words: dense, activation, norm, decoder.</summary>
    internal static Value Predictions(TextLayers n, Value x, string p, int from, int to, string activation, string table)
    {
        x = n.Activate(n.Linear(x, $"{p}.transform.dense", from, to), activation);
        x = n.LayerNorm(x, $"{p}.transform.LayerNorm", to);
        return n.Vocabulary(x, $"{p}.decoder", table, to, $"{p}.bias", $"{p}.decoder.bias");
    }

    /// <summary>RoBERTa's scores of words.</summary>
    internal static Value LanguageHead(TextLayers n, Value x, int width, string table)
    {
        x = n.LayerNorm(n.Graph.Gelu(n.Linear(x, "lm_head.dense", width, width)), "lm_head.layer_norm", width);
        return n.Vocabulary(x, "lm_head.decoder", table, width, "lm_head.bias", "lm_head.decoder.bias");
    }

    /// <summary>Sizes from a configuration.</summary>
    internal static TextShape Read(ConfigReader c, BertNaming naming)
    {
        c.Require("position_embedding_type", "absolute");
        var roberta = naming == BertNaming.Roberta;
        var shape = new BertShape
        {
            Naming = naming,
            ModelType = c.Text("model_type", "bert"),
            VocabularySize = c.Size("vocab_size", roberta ? 50265 : 30522),
            Width = c.Size("hidden_size", naming == BertNaming.Electra ? 256 : 768),
            Depth = c.Size("num_hidden_layers", 12),
            Heads = c.Size("num_attention_heads", naming == BertNaming.Electra ? 4 : 12),
            Hidden = c.Size("intermediate_size", naming == BertNaming.Electra ? 1024 : 3072),
            Activation = c.Activation("hidden_act", "gelu"),
            MaxPositions = c.Size("max_position_embeddings", 512),
            TokenTypes = c.Count("type_vocab_size", 2),
            PadId = c.Index("pad_token_id", roberta ? 1 : 0),
            Epsilon = (float)c.Number("layer_norm_eps", 1e-12),
            InitializerRange = c.Number("initializer_range", 0.02),
            Dropout = c.Probability("hidden_dropout_prob", 0.1),
            AttentionDropout = c.Probability("attention_probs_dropout_prob", 0.1),
            ClassifierDropout = c.OptionalProbability("classifier_dropout"),
            TiesWords = c.Flag("tie_word_embeddings", true),
        };
        return shape with { EmbeddingWidth = naming == BertNaming.Electra ? c.Size("embedding_size", 128) : shape.Width };
    }
}
