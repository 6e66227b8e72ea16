namespace Attune.Options;

/// <summary>Which columns are read as text, and how texts become token sequences. What is not set here comes from the model.</summary>
public sealed record TextOptions
{
    /// <summary>The column of the text; two columns (<c>--text question,answer</c>) are read as a pair. An embedding reads two or three, each a text of its own: anchor, positive and negative. Default: the earlier model's, else the only column of free text, or columns with usual names (anchor, positive, negative; text1, text2).</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Tokens of a text at most, special ones included; longer texts are cut at the end (of a pair the longer one first), and their number is said. Default: what the model takes, at most 512.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// Puts texts of like lengths into the same step, in random order of steps, so that little is padded. Default true; results differ from plain shuffling only by which
    /// rows share a step.
    /// </summary>
    public bool BucketByLength { get; init; } = true;

    /// <summary>Share of the words of a text that a masked language model guesses (<c>--task mlm</c>), in (0, 1). Default 0.15, BERT's.</summary>
    public double MaskShare { get; init; } = 0.15;

    /// <summary>A tokenizer for a new encoder: a tokenizer.json, or a folder with a tokenizer's files. Default: WordPiece is learned from the training texts.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Entries of a vocabulary that is learned from the training texts, at most. Default 8,000.</summary>
    public int VocabularySize { get; init; } = 8_000;

    /// <summary>Tokens that consecutive windows of a long text share in question answering; at most a third of a window. Default 128.</summary>
    public int DocStride { get; init; } = 128;

    /// <summary>Tokens of an answer at most in question answering. Default 30.</summary>
    public int MaxAnswerTokens { get; init; } = 30;

    /// <summary>Where some texts hold no answer: none is given when its score is more than this above the best answer's. Default: what gives the best answer F1 on validation rows, for each model that is compared.</summary>
    public double? NoAnswerThreshold { get; init; }

    internal void Validate(Problems problems, bool isEmbedding)
    {
        if (Columns.Count > 3 && isEmbedding) problems.Add("text.columns", $"names {Columns.Count} columns; an embedding is learned from two or three: anchor, positive, negative.");
        else if (Columns.Count > 2 && !isEmbedding) problems.Add("text.columns", $"names {Columns.Count} columns; one text, or two that form a pair, can be read. Join the others in the data.");
        if (Columns.Distinct(StringComparer.Ordinal).Count() != Columns.Count) problems.Add("text.columns", "names a column twice.");
        problems.InRange(3, 1_000_001, MaxLength, "text.max-length");
        if (!(MaskShare is > 0 and < 1)) problems.Add("text.mask-share", FormattableString.Invariant($"has to lie between 0 and 1; got {MaskShare}."));
        problems.InRange(0, 100_001, DocStride, "text.doc-stride");
        problems.InRange(1, 100_001, MaxAnswerTokens, "text.max-answer-tokens");
        if (NoAnswerThreshold is { } threshold && !double.IsFinite(threshold)) problems.Add("text.no-answer-threshold", "has to be a finite number.");
        problems.InRange(100, 1_000_001, VocabularySize, "text.vocabulary-size");
    }
}
