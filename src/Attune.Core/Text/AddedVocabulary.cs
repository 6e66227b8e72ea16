using Attune.Text.Normalizers;
using Attune.Text.TokenModels;

namespace Attune.Text;

/// <summary>Tokens beside the model's vocabulary, with the two searches for them: in the text as given and in the normalised one.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);

    public AddedVocabulary(IReadOnlyList<AddedToken> tokens, TokenModel model, Normalizer? normalizer)
    {
        var next = model.VocabularySize;
        foreach (var token in tokens.Where(t => t.Content.Length > 0))
        {
            if (token.Special) _special.Add(token.Content);
            var id = _ids.TryGetValue(token.Content, out var known) ? known : model.TokenToId(token.Content) ?? next;
            _ids[token.Content] = id;
            _tokens[id] = token with { Id = id };
            if (id >= next) next = id + 1;
        }
        // Where two tokens look alike, special ones come first, then the file's order.
        var ordered = _tokens.Values.OrderBy(t => _special.Contains(t.Content) ? 0 : 1).ToList();
        Plain = new(ordered.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        Normalized = new(ordered.Where(t => t.Normalized).Select(t => (Normalize(t.Content, normalizer), t)));
    }

    /// <summary>Tokens looked for in the text as given.</summary>
    public AddedTokenMatcher Plain { get; }

    /// <summary>Tokens looked for in the normalised text.</summary>
    public AddedTokenMatcher Normalized { get; }

    public IReadOnlyCollection<AddedToken> All => _tokens.Values;

    public int? TokenToId(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    public string? IdToToken(int id) => _tokens.GetValueOrDefault(id)?.Content;

    public bool IsSpecial(string token) => _special.Contains(token);

    private static string Normalize(string content, Normalizer? normalizer)
    {
        if (normalizer is null) return content;
        var text = new AlignedText();
        text.Reset(Characters.WithoutLoneSurrogates(content), 0);
        normalizer.Apply(text);
        return text.Span.ToString();
    }
}
