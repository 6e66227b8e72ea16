using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Heads that all decoders share.</summary>
internal static class Decoders
{
    /// <summary>Heads that decoders have.</summary>
    public static IReadOnlyList<TextHead> Heads { get; } = [TextHead.None, TextHead.Embedding, TextHead.SequenceClassification, TextHead.TokenClassification, TextHead.CausalLanguageModel];

    /// <summary>Appends a head.</summary>
    /// <param name="n">The layers.</param>
    /// <param name="x">[B, T, D].</param>
    /// <param name="s">Sizes.</param>
    /// <param name="head">The head.</param>
    /// <param name="outputs">Outputs K.</param>
    /// <param name="tokens">Name of the layer for tokens.</param>
    public static Value Head(TextLayers n, Value x, TextShape s, TextHead head, int outputs, string tokens) => head switch
    {
        TextHead.SequenceClassification => n.Dense(Last(n, x, s.PadId), "score", s.Width, outputs, bias: false),
        TextHead.TokenClassification => n.Linear(n.Dropout(x, s.ClassifierDropout ?? 0.1), tokens, s.Width, outputs),
        _ => n.Vocabulary(x, "lm_head", s.Prefix + s.Words, s.Width, null),
    };

    // The last token whose id is not the padding's (without one: the last that the mask shows), [B, T, D] → [B, D].
    private static Value Last(TextLayers n, Value x, int? padding)
    {
        var g = n.Graph;
        var real = padding is { } id ? g.Node("Cast", [g.Node("Not", [g.Node("Equal", [n.Ids, n.Scalar((long)id)])])], Attributes.Of(("to", (long)DataType.Int64))) : n.Mask;
        var last = g.Node("ReduceMax", [g.Mul(n.Places, real), n.Integers(1)], Attributes.Of(("keepdims", 1L)));   // [B, 1]
        return g.Node("GatherND", [x, last], Attributes.Of(("batch_dims", 1L)));
    }
}
