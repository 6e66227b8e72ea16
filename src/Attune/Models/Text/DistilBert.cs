using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>DistilBERT (Sanh et al. 2019, arXiv:1910.01108): BERT without segments and pooler, under names of its own.</summary>
public static class DistilBert
{
    internal static Value Encode(TextLayers n, DistilBertShape s, string p)
    {
        var g = n.Graph;
        var x = n.Lookup(n.Table($"{p}embeddings.word_embeddings.weight", s.VocabularySize, s.Width, s.PadId), n.Ids);   // [B, T, D]
        x = g.Add(x, n.FirstRows(n.Table($"{p}embeddings.position_embeddings.weight", s.MaxPositions, s.Width)));
        x = n.State(n.Dropout(n.LayerNorm(x, $"{p}embeddings.LayerNorm", s.Width), s.Dropout));
        for (var i = 0; i < s.Depth; i++) x = n.State(Layer(n, x, s, $"{p}transformer.layer.{TextLayers.Text(i)}"));
        return x;
    }

    private static Value Layer(TextLayers n, Value x, DistilBertShape s, string p)
    {
        var context = n.SelfAttention(x, $"{p}.attention.q_lin", $"{p}.attention.k_lin", $"{p}.attention.v_lin", n.MaskBias);   // [B, T, D]
        x = n.LayerNorm(n.Graph.Add(n.Linear(context, $"{p}.attention.out_lin", s.Width, s.Width), x), $"{p}.sa_layer_norm", s.Width);
        var y = n.Activate(n.Linear(x, $"{p}.ffn.lin1", s.Width, s.Hidden), s.Activation);
        y = n.Dropout(n.Linear(y, $"{p}.ffn.lin2", s.Hidden, s.Width), s.Dropout);
        return n.LayerNorm(n.Graph.Add(y, x), $"{p}.output_layer_norm", s.Width);
    }

    internal static Value Head(TextLayers n, Value x, DistilBertShape s, TextHead head, int outputs)
    {
        switch (head)
        {
            case TextHead.SequenceClassification:
                var first = n.Graph.Relu(n.Dense(n.First(x), "pre_classifier", s.Width, s.Width));           // [B, D]
                return n.Dense(n.Dropout(first, s.ClassifierDropout ?? 0), "classifier", s.Width, outputs);
            case TextHead.TokenClassification: return n.Linear(n.Dropout(x, s.Dropout), "classifier", s.Width, outputs);
            case TextHead.QuestionAnswering: return n.Linear(n.Dropout(x, s.AnswerDropout), "qa_outputs", s.Width, 2);
            default:
                x = n.LayerNorm(n.Activate(n.Linear(x, "vocab_transform", s.Width, s.Width), s.Activation), "vocab_layer_norm", s.Width);
                return n.Vocabulary(x, "vocab_projector", s.Prefix + s.Words, s.Width, "vocab_projector.bias");
        }
    }

    internal static TextShape Read(ConfigReader c) => new DistilBertShape
    {
        VocabularySize = c.Size("vocab_size", 30522),
        Width = c.Size("dim", 768),
        Depth = c.Size("n_layers", 6),
        Heads = c.Size("n_heads", 12),
        Hidden = c.Size("hidden_dim", 3072),
        Activation = c.Activation("activation", "gelu"),
        MaxPositions = c.Size("max_position_embeddings", 512),
        PadId = c.Index("pad_token_id", 0),
        InitializerRange = c.Number("initializer_range", 0.02),
        Dropout = c.Probability("dropout", 0.1),
        AttentionDropout = c.Probability("attention_dropout", 0.1),
        ClassifierDropout = c.Probability("seq_classif_dropout", 0.2),
        AnswerDropout = c.Probability("qa_dropout", 0.1),
        TiesWords = c.Flag("tie_word_embeddings", true),
    };
}
