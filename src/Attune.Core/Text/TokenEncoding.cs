namespace Attune.Text;

/// <summary>A row of T tokens made from a text or a pair of texts. The arrays have T entries each; do not change them.</summary>
public sealed class TokenEncoding
{
    private readonly Tokenizer _tokenizer;
    private readonly IReadOnlyDictionary<int, string>? _texts;
    private readonly SourceText _first;
    private readonly SourceText? _second;
    private string[]? _tokens;
    private TokenOffset[]? _codePointOffsets;

    internal TokenEncoding(Tokenizer tokenizer, int length, SourceText first, SourceText? second, IReadOnlyDictionary<int, string>? texts)
    {
        (_tokenizer, _first, _second, _texts) = (tokenizer, first, second, texts);
        (Ids, TypeIds, AttentionMask, SpecialTokensMask, WordIds, SequenceIds) = (new int[length], new int[length], new int[length], new int[length], new int[length], new int[length]);
        Offsets = new TokenOffset[length];
    }

    /// <summary>Token ids, [T].</summary>
    public int[] Ids { get; }

    /// <summary>Segment of each token (token_type_ids), [T].</summary>
    public int[] TypeIds { get; }

    /// <summary>1 for a token, 0 for padding, [T].</summary>
    public int[] AttentionMask { get; }

    /// <summary>1 for a token that the post-processor or padding put in, [T]; a special token that stands in the text has 0.</summary>
    public int[] SpecialTokensMask { get; }

    /// <summary>Index of the word that a token belongs to, counted from 0 in each text, −1 for tokens that were put in, [T].</summary>
    public int[] WordIds { get; }

    /// <summary>0 for a token of the first text, 1 of the second, −1 for tokens that were put in, [T].</summary>
    public int[] SequenceIds { get; }

    /// <summary>Range of each token in its text (or in its word, after <see cref="Tokenizer.EncodeWords"/>), in UTF-16 units, [T]; 0 to 0 for tokens that were put in.</summary>
    public TokenOffset[] Offsets { get; }

    /// <summary>The same ranges in Unicode code points, [T].</summary>
    public TokenOffset[] CodePointOffsets => _codePointOffsets ??= InCodePoints();

    /// <summary>Text of each token: the vocabulary's entry, or what stands in the text for an added or unknown one, [T].</summary>
    public IReadOnlyList<string> Tokens => _tokens ??= [.. Ids.Select((id, i) => _texts?.GetValueOrDefault(i) ?? _tokenizer.IdToToken(id) ?? "")];

    /// <summary>What was cut off, as rows of their own; empty unless <see cref="EncodeOptions.ReturnOverflow"/> was asked for.</summary>
    public IReadOnlyList<TokenEncoding> Overflow { get; internal set; } = [];

    /// <summary>Number of tokens T, padding included.</summary>
    public int Length => Ids.Length;

    /// <summary>Whether tokens were cut off to keep the limit, whether or not the rest was kept.</summary>
    public bool IsTruncated { get; internal set; }

    /// <summary>The row with padding up to <paramref name="length"/> tokens.</summary>
    internal TokenEncoding Padded(int length, int id, int typeId, string token, TextSide side)
    {
        var overflow = Overflow.Select(o => o.Padded(length, id, typeId, token, side)).ToArray();
        if (Length >= length)
        {
            Overflow = overflow;
            return this;
        }
        var (added, offset) = (length - Length, side == TextSide.Left ? length - Length : 0);
        var texts = new Dictionary<int, string>();
        foreach (var (i, text) in _texts ?? new Dictionary<int, string>()) texts[i + offset] = text;
        var padded = new TokenEncoding(_tokenizer, length, _first, _second, texts) { Overflow = overflow, IsTruncated = IsTruncated };
        var padding = side == TextSide.Left ? 0 : Length;
        padded.Ids.AsSpan(padding, added).Fill(id);
        padded.TypeIds.AsSpan(padding, added).Fill(typeId);
        padded.SpecialTokensMask.AsSpan(padding, added).Fill(1);
        padded.WordIds.AsSpan(padding, added).Fill(-1);
        padded.SequenceIds.AsSpan(padding, added).Fill(-1);
        if (_tokenizer.IdToToken(id) != token)
        {
            for (var i = 0; i < added; i++) texts[padding + i] = token;
        }
        Ids.CopyTo(padded.Ids, offset);
        TypeIds.CopyTo(padded.TypeIds, offset);
        AttentionMask.CopyTo(padded.AttentionMask, offset);
        SpecialTokensMask.CopyTo(padded.SpecialTokensMask, offset);
        WordIds.CopyTo(padded.WordIds, offset);
        SequenceIds.CopyTo(padded.SequenceIds, offset);
        Offsets.CopyTo(padded.Offsets, offset);
        return padded;
    }

    private TokenOffset[] InCodePoints()
    {
        if (!_first.HasSurrogates && _second?.HasSurrogates != true) return Offsets;
        var offsets = (TokenOffset[])Offsets.Clone();
        for (var i = 0; i < offsets.Length; i++)
        {
            if (SequenceIds[i] < 0) continue;
            var text = SequenceIds[i] == 0 ? _first : _second!;
            offsets[i] = text.InCodePoints(offsets[i], WordIds[i]);
        }
        return offsets;
    }
}
