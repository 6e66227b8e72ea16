using System.Globalization;

namespace Attune.Text.TokenModels;

/// <summary>Byte-pair encoding (Sennrich et al. 2016): a word's characters are merged pair by pair in the order of the learnt merges.</summary>
internal sealed class Bpe : TokenModel
{
    [ThreadStatic]
    private static Buffers? _buffers;

    private readonly Vocabulary _vocabulary;
    private readonly BpeMerges _merges;
    private readonly BpeOptions _options;
    private readonly bool _takesBytes;
    private readonly WordCache _cache = new();
    private readonly int? _unknownId;
    private readonly int[] _byteIds = new int[256];

    /// <summary>What a thread needs for a word that is not in the cache.</summary>
    private sealed class Buffers
    {
        public BpeWord Word { get; } = new();

        public char[] Letters = new char[64];

        public (int Start, int End)[] Places = new (int, int)[64];
    }

    public Bpe(Vocabulary vocabulary, BpeMerges merges, BpeOptions options, bool takesBytes = false)
    {
        (_vocabulary, _merges, _options, _takesBytes) = (vocabulary, merges, options, takesBytes);
        _unknownId = options.UnknownToken is null ? null : vocabulary.TokenToId(options.UnknownToken);
        for (var b = 0; b < 256; b++) _byteIds[b] = vocabulary.TokenToId(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>")) ?? -1;
    }

    public override int VocabularySize => _vocabulary.Count;

    public override int LargestId => _vocabulary.LargestId;

    public override int? TokenToId(string token) => _vocabulary.TokenToId(token);

    public override string? IdToToken(int id) => _vocabulary.IdToToken(id);

    /// <summary>The same model for words that are plain text; it writes their bytes as letters itself, for words that the cache does not have.</summary>
    public Bpe TakingBytes() => new(_vocabulary, _merges, _options, takesBytes: true);

    public override void Tokenize(ReadOnlySpan<char> word, TokenList tokens)
    {
        if (word.Length > WordCache.LongestWord)
        {
            Merge(word, tokens);
            return;
        }
        var hash = WordCache.Hash(word);
        if (_cache.TryGet(word, hash, tokens)) return;
        var first = tokens.Count;
        Merge(word, tokens);
        _cache.Store(word, hash, tokens, first);
    }

    private void Merge(ReadOnlySpan<char> word, TokenList tokens)
    {
        var buffers = _buffers ??= new();
        if (buffers.Letters.Length > 1 << 20) _buffers = null;   // not kept after a huge word
        var total = Place(word, buffers);
        var symbols = _takesBytes ? ToLetters(word, buffers) : word;
        if (_options.IgnoreMerges && _vocabulary.TryGetId(symbols, out var whole))
        {
            tokens.Add(whole, 0, word.Length);
            return;
        }
        var merged = buffers.Word;
        merged.Clear();
        AddSymbols(symbols, merged);
        merged.Merge(_merges);
        var at = 0;
        foreach (var (id, length, _, _) in merged.Symbols)
        {
            if (length == 0) continue;
            var end = at + length;
            if (end <= total) tokens.Add(id, buffers.Places[at].Start, buffers.Places[end - 1].End);
            else tokens.Add(id, Math.Min(at, word.Length), Math.Min(end, word.Length));
            at = end;
        }
    }

    /// <summary>For each byte of the word as the vocabulary writes it: the units of the word that it stands for.</summary>
    private int Place(ReadOnlySpan<char> word, Buffers buffers)
    {
        var needed = word.Length * (_takesBytes ? 6 : 3) + 8;
        if (buffers.Places.Length < needed) buffers.Places = new (int, int)[needed];
        var (places, count) = (buffers.Places, 0);
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0, units; i < word.Length; i += units)
        {
            var codePoint = Characters.CodePointAt(word, i);
            units = codePoint > 0xFFFF ? 2 : 1;
            var length = codePoint < 128 && !_takesBytes ? 1 : Rune(codePoint).EncodeToUtf8(bytes);
            if (_takesBytes)
            {
                var letters = 0;
                foreach (var b in bytes[..length]) letters += ByteLetters.All[b] < 128 ? 1 : 2;
                length = letters;
            }
            for (var k = 0; k < length; k++) places[count++] = (i, i + units);
        }
        return count;
    }

    private static ReadOnlySpan<char> ToLetters(ReadOnlySpan<char> word, Buffers buffers)
    {
        if (buffers.Letters.Length < 3 * word.Length) buffers.Letters = new char[3 * word.Length + 64];
        var (letters, count) = (buffers.Letters, 0);
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0, codePoint; i < word.Length; i += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(word, i);
            foreach (var b in bytes[..Rune(codePoint).EncodeToUtf8(bytes)]) letters[count++] = ByteLetters.All[b];
        }
        return letters.AsSpan(0, count);
    }

    // A pattern that ignores code points may have cut a pair in two.
    private static System.Text.Rune Rune(int codePoint) => System.Text.Rune.IsValid(codePoint) ? new(codePoint) : System.Text.Rune.ReplacementChar;

    private void AddSymbols(ReadOnlySpan<char> word, BpeWord symbols)
    {
        var (unknown, unknownLength) = (-1, 0);
        for (int i = 0, units; i < word.Length; i += units)
        {
            units = AlignedText.UnitsAt(word, i);
            var character = word.Slice(i, units);
            var length = Utf8Length(character);
            var written = Written(character, i == 0, i + units == word.Length);
            if (_vocabulary.TryGetId(written, out var id))
            {
                if (unknown >= 0) symbols.Add(unknown, unknownLength);
                unknown = -1;
                symbols.Add(id, length);
                continue;
            }
            if (_options.ByteFallback && AddBytes(written, symbols)) continue;
            if (_options.UnknownToken is null) continue;
            var unknownId = _unknownId ?? throw new TokenizationException($"The unknown token '{_options.UnknownToken}' is not in the vocabulary. Add it to the vocabulary, or name another one.");
            if (unknown >= 0 && _options.FuseUnknown)
            {
                unknownLength += length;
                continue;
            }
            if (unknown >= 0) symbols.Add(unknown, unknownLength);
            (unknown, unknownLength) = (unknownId, length);
        }
        if (unknown >= 0) symbols.Add(unknown, unknownLength);
    }

    private ReadOnlySpan<char> Written(ReadOnlySpan<char> character, bool isFirst, bool isLast)
    {
        var prefix = isFirst ? null : _options.ContinuingPrefix;
        var suffix = isLast ? _options.EndOfWordSuffix : null;
        return string.IsNullOrEmpty(prefix) && string.IsNullOrEmpty(suffix) ? character : string.Concat(prefix, character, suffix);
    }

    private bool AddBytes(ReadOnlySpan<char> text, BpeWord symbols)
    {
        Span<byte> bytes = stackalloc byte[256];
        if (!System.Text.Encoding.UTF8.TryGetBytes(text, bytes, out var count)) return false;
        foreach (var b in bytes[..count])
        {
            if (_byteIds[b] < 0) return false;
        }
        foreach (var b in bytes[..count]) symbols.Add(_byteIds[b], 1);
        return true;
    }

    private static int Utf8Length(ReadOnlySpan<char> character) => character.Length == 2 ? 4 : character[0] < 0x80 ? 1 : character[0] < 0x800 ? 2 : 3;
}
