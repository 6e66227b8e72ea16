using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of a text network with nothing left to choose: every family has its own record.</summary>
public abstract record TextShape
{
    /// <summary>Family name as in <see cref="TextCatalog"/>: <c>bert</c>, <c>modernbert</c>, ….</summary>
    public abstract string Family { get; }

    /// <summary>Beginning of upstream's class names: <c>Bert</c> in <c>BertForSequenceClassification</c>.</summary>
    public abstract string ClassName { get; }

    /// <summary>What stands in front of the backbone's names in networks with a head: <c>bert.</c>.</summary>
    public abstract string Prefix { get; }

    /// <summary>Name of the word embeddings behind the prefix.</summary>
    public abstract string Words { get; }

    /// <summary>Words V.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Width D of a token.</summary>
    public int Width { get; init; }

    /// <summary>Layers.</summary>
    public int Depth { get; init; }

    /// <summary>Attention heads N; D is a multiple.</summary>
    public int Heads { get; init; }

    /// <summary>Width inside the layers' MLP.</summary>
    public int Hidden { get; init; }

    /// <summary>Activation inside the layers' MLP, by upstream's name.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>Rows of the table of positions.</summary>
    public int MaxPositions { get; init; }

    /// <summary>Longest sequence, special tokens included.</summary>
    public virtual int MaxTokens => MaxPositions;

    /// <summary>Id of padding; null when the configuration has none.</summary>
    public int? PadId { get; init; }

    /// <summary>Segments (<c>type_vocab_size</c>); 0 without.</summary>
    public int TokenTypes { get; init; }

    /// <summary>True when segments are an input: where there are two or more.</summary>
    public bool HasTokenTypes => TokenTypes > 1;

    /// <summary>ε of the norms.</summary>
    public float Epsilon { get; init; } = 1e-12f;

    /// <summary>Deviation of fresh weights. Default 0.02.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Dropout of hidden states.</summary>
    public double Dropout { get; init; }

    /// <summary>Dropout of attention weights.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Dropout in front of the classifier; null for the hidden states'.</summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>One probability for all of them; null for their own.</summary>
    public double? DropoutOverride { get; init; }

    /// <summary>The vocabulary's scores use the word embeddings. Default true.</summary>
    public bool TiesWords { get; init; } = true;

    /// <summary>True when each token sees only those before it.</summary>
    public virtual bool IsDecoder => false;

    /// <summary>Heads that the family has.</summary>
    public virtual IReadOnlyList<TextHead> KnownHeads { get; } =
        [TextHead.None, TextHead.Embedding, TextHead.SequenceClassification, TextHead.TokenClassification, TextHead.QuestionAnswering, TextHead.MaskedLanguageModel];

    /// <summary>Upstream's class with a head.</summary>
    public virtual string Architecture(TextHead head) => ClassName + head switch
    {
        TextHead.SequenceClassification => "ForSequenceClassification",
        TextHead.TokenClassification => "ForTokenClassification",
        TextHead.QuestionAnswering => "ForQuestionAnswering",
        TextHead.MaskedLanguageModel => "ForMaskedLM",
        TextHead.CausalLanguageModel => "ForCausalLM",
        _ => "Model",
    };

    /// <summary>The layer of upstream's pooler behind the prefix, <c>pooler.dense</c>; null without one.</summary>
    internal virtual string? PoolerLayer => null;

    /// <summary>Appends embeddings and layers: the last hidden state [B, T, D].</summary>
    /// <param name="n">The layers.</param>
    /// <param name="prefix">What stands in front of the names.</param>
    internal abstract Value Encode(TextLayers n, string prefix);

    /// <summary>Appends the pooler: [B, T, D] → [B, D].</summary>
    internal virtual Value Pool(TextLayers n, Value x, string prefix) => throw new NotSupportedException($"{Family} has no pooler.");

    /// <summary>Appends a head with upstream's names: logits.</summary>
    internal abstract Value Head(TextLayers n, Value x, TextHead head, int outputs);
}
