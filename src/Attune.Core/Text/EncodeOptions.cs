namespace Attune.Text;

/// <summary>How texts become rows of tokens. The defaults neither truncate nor pad, whatever tokenizer.json says (<see cref="Tokenizer.StoredOptions"/> has that).</summary>
public sealed record EncodeOptions
{
    /// <summary>Whether the tokenizer's own tokens ([CLS], &lt;s&gt;, …) are put in. Default true.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Tokens of a row at most, special ones included; null (default) for no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Which text of a pair is cut. Default: the longer one first.</summary>
    public TruncationStrategy Truncation { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>Where tokens are cut off. Default: at the end.</summary>
    public TextSide TruncationSide { get; init; } = TextSide.Right;

    /// <summary>Tokens that consecutive parts of a text that is too long share; less than the tokens that a part has room for. Default 0.</summary>
    public int Stride { get; init; }

    /// <summary>Whether the parts that are cut off are kept as rows of their own in <see cref="TokenEncoding.Overflow"/>. Default false.</summary>
    public bool ReturnOverflow { get; init; }

    /// <summary>To which length rows are padded. Default: not at all.</summary>
    public PaddingStrategy Padding { get; init; } = PaddingStrategy.None;

    /// <summary>Tokens of a row with <see cref="PaddingStrategy.Fixed"/>.</summary>
    public int? PadToLength { get; init; }

    /// <summary>Rows are padded to a multiple of this; null (default) for 1.</summary>
    public int? PadToMultipleOf { get; init; }

    /// <summary>Where padding goes. Default: at the end.</summary>
    public TextSide PaddingSide { get; init; } = TextSide.Right;

    /// <summary>Id of the padding token; null (default) for the tokenizer's own.</summary>
    public int? PadId { get; init; }

    /// <summary>Type id of padding. Default 0.</summary>
    public int PadTypeId { get; init; }

    /// <summary>Text of the padding token in <see cref="TokenEncoding.Tokens"/>; null (default) for the vocabulary's entry.</summary>
    public string? PadToken { get; init; }
}
