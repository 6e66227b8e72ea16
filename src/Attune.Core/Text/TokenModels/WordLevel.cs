namespace Attune.Text.TokenModels;

/// <summary>Each word is a token or unknown.</summary>
internal sealed class WordLevel(Vocabulary vocabulary, string unknownToken) : TokenModel
{
    private readonly int? _unknownId = vocabulary.TokenToId(unknownToken);

    public override int VocabularySize => vocabulary.Count;

    public override int LargestId => vocabulary.LargestId;

    public override int? TokenToId(string token) => vocabulary.TokenToId(token);

    public override string? IdToToken(int id) => vocabulary.IdToToken(id);

    public override void Tokenize(ReadOnlySpan<char> word, TokenList tokens)
        => tokens.Add(vocabulary.TryGetId(word, out var id) ? id : _unknownId ?? throw new TokenizationException(
            $"The word '{TokenizationException.Preview(word)}' is not in the vocabulary, nor is the unknown token '{unknownToken}'. Add it to the vocabulary, or name another one."), 0, word.Length);
}
