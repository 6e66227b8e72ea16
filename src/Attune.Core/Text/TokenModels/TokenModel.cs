namespace Attune.Text.TokenModels;

/// <summary>Turns one piece of text into tokens, and knows the vocabulary.</summary>
internal abstract class TokenModel
{
    /// <summary>Adds the tokens of <paramref name="word"/> with offsets in its UTF-16 units.</summary>
    public abstract void Tokenize(ReadOnlySpan<char> word, TokenList tokens);

    /// <summary>Number of entries in the vocabulary.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The largest id of the vocabulary, −1 when it is empty.</summary>
    public abstract int LargestId { get; }

    public abstract int? TokenToId(string token);

    public abstract string? IdToToken(int id);
}
