namespace Attune.Text.Training;

/// <summary>How a WordPiece vocabulary is learned; the defaults are those of <c>BertWordPieceTokenizer.train</c> of the tokenizers library, but for the size.</summary>
public sealed record WordPieceTrainerOptions
{
    /// <summary>Entries of the vocabulary at most, special tokens included. Default 8,000, enough for a small encoder; BERT has 30,522.</summary>
    public int VocabularySize { get; init; } = 8_000;

    /// <summary>Pairs of pieces that occur less often are not merged. Default 2.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>Different characters that are kept, the most frequent ones; the others become unknown. Default 1,000.</summary>
    public int AlphabetLimit { get; init; } = 1_000;

    /// <summary>Tokens of a row that the model reads at most, which the tokenizer's files say. Default 512.</summary>
    public int ModelMaxLength { get; init; } = 512;
}
