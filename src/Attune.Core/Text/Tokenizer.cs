using System.Runtime.ExceptionServices;
using Attune.Text.TokenModels;

namespace Attune.Text;

/// <summary>
/// Turns texts into rows of token ids and back, exactly as the <c>tokenizers</c> library (0.22) does with the same tokenizer.json.
/// Thread-safe. A lone surrogate in a text counts as U+FFFD.
/// </summary>
public sealed class Tokenizer
{
    private static readonly EncodeOptions Defaults = new();

    private readonly TokenizerParts _parts;
    private readonly AddedVocabulary _added;
    private readonly TokenPipeline _pipeline;
    private readonly RowBuilder _rows;

    internal Tokenizer(TokenizerParts parts)
    {
        (_parts, _added) = (parts, new(parts.AddedTokens, parts.Model, parts.Normalizer));
        // Bytes are written as letters for words that the model's cache does not have, not for the whole text.
        if (parts.Model is Bpe bpe && parts.PreTokenizer?.EndsInByteLetters == true) parts = parts with { Model = bpe.TakingBytes(), PreTokenizer = parts.PreTokenizer.WithoutByteLetters() };
        (_pipeline, _rows) = (new(parts, _added), new(this, parts));
        PadId = Role("pad_token", "[PAD]", "<pad>", "<|pad|>");
        MaskId = Role("mask_token", "[MASK]", "<mask>");
        UnknownId = Role("unk_token", "[UNK]", "<unk>");
        ClassId = Role("cls_token", "[CLS]", "<s>") ?? Role("bos_token");
        SeparatorId = Role("sep_token", "[SEP]", "</s>") ?? Role("eos_token");
        BeginId = Role("bos_token", "<s>", "[CLS]");
        EndId = Role("eos_token", "</s>", "[SEP]", "<|endoftext|>");
        SpecialIds = [.. _added.All.Where(t => _added.IsSpecial(t.Content)).Select(t => t.Id).Order()];
        VocabularySize = parts.Model.VocabularySize + _added.All.Count(t => parts.Model.TokenToId(t.Content) is null);
        LargestId = _added.All.Select(t => t.Id).Append(parts.Model.LargestId).Max();
    }

    /// <summary>Number of different tokens, added ones included.</summary>
    public int VocabularySize { get; }

    /// <summary>The largest id that a row can hold; an embedding table needs one row more than that.</summary>
    public int LargestId { get; }

    /// <summary>Id of the padding token; null where there is none.</summary>
    public int? PadId { get; }

    /// <summary>Id of the mask token; null where there is none.</summary>
    public int? MaskId { get; }

    /// <summary>Id of the unknown token; null where there is none.</summary>
    public int? UnknownId { get; }

    /// <summary>Id of the token that stands for the whole text ([CLS], &lt;s&gt;); null where there is none.</summary>
    public int? ClassId { get; }

    /// <summary>Id of the token between and after texts ([SEP], &lt;/s&gt;); null where there is none.</summary>
    public int? SeparatorId { get; }

    /// <summary>Id of the token that begins a text; null where there is none.</summary>
    public int? BeginId { get; }

    /// <summary>Id of the token that ends a text; null where there is none.</summary>
    public int? EndId { get; }

    /// <summary>Ids of all special tokens, ascending.</summary>
    public IReadOnlyCollection<int> SpecialIds { get; }

    /// <summary>The added tokens with their ids and flags.</summary>
    public IReadOnlyCollection<AddedToken> AddedTokens => _added.All;

    /// <summary>Truncation and padding as tokenizer.json sets them; encoding uses them only when they are given to it.</summary>
    public EncodeOptions StoredOptions => _parts.StoredOptions;

    /// <summary>Tokens of a row at most, as tokenizer_config.json says (<c>model_max_length</c>); null where it does not.</summary>
    public int? ModelMaxLength => _parts.ModelMaxLength;

    internal TokenizerParts Parts => _parts;

    /// <summary>
    /// Reads a tokenizer: a tokenizer.json, a SentencePiece .model file or a vocab.txt; or a folder with one of these, or with vocab.json and merges.txt, the first found in this order.
    /// Files named tokenizer_config.json, special_tokens_map.json and added_tokens.json beside it are read too.
    /// </summary>
    /// <exception cref="DataFormatException">A file is damaged, or names a component that is not known.</exception>
    /// <exception cref="FileNotFoundException">There is no tokenizer in the place named.</exception>
    public static Tokenizer Load(string fileOrFolder) => new(TokenizerFiles.Read(fileOrFolder));

    /// <summary>Reads a tokenizer.json from memory.</summary>
    /// <param name="json">The file's bytes, UTF-8.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="DataFormatException">The bytes are no tokenizer.json, or name a component that is not known.</exception>
    public static Tokenizer FromJson(byte[] json, string name = "tokenizer.json")
        => new(TokenizerJson.Read(json, name) with { Files = new Dictionary<string, byte[]> { ["tokenizer.json"] = json } });

    /// <summary>Encodes a text, or a pair of texts, as one row.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="pair">The second text of a pair; null for none.</param>
    /// <param name="options">Null for the defaults: special tokens, no truncation, no padding.</param>
    /// <exception cref="TokenizationException">The limits leave no room, or a word has no token and there is no unknown token.</exception>
    public TokenEncoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var row = EncodeRow(text, pair, options ?? Defaults);
        return options is null ? row : Pad([row], options)[0];
    }

    /// <summary>Encodes texts, or pairs of texts, in parallel; row i is that of text i, padded together as the options say.</summary>
    /// <param name="texts">R texts.</param>
    /// <param name="pairs">R second texts, null where a row has none; null for none at all.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="threads">Threads to use; 0 (default) for all cores.</param>
    /// <exception cref="TokenizationException">As for <see cref="Encode"/>; that of the first such row.</exception>
    public TokenEncoding[] EncodeBatch(IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs = null, EncodeOptions? options = null, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (pairs is not null && pairs.Count != texts.Count) throw new ArgumentException($"There are {texts.Count} texts and {pairs.Count} second texts.", nameof(pairs));
        var rows = new TokenEncoding[texts.Count];
        var errors = new Exception?[texts.Count];
        void EncodeAt(int i)
        {
            try { rows[i] = EncodeRow(texts[i], pairs?[i], options ?? Defaults); }
            catch (Exception e) when (e is TokenizationException or ArgumentException or NullReferenceException) { errors[i] = e; }
        }
        if (threads == 1 || texts.Count < 8)
        {
            for (var i = 0; i < rows.Length; i++) EncodeAt(i);
        }
        else
        {
            Parallel.For(0, rows.Length, new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? -1 : threads }, EncodeAt);
        }
        if (Array.Find(errors, e => e is not null) is { } error) ExceptionDispatchInfo.Throw(error);
        return options is null ? rows : Pad(rows, options);
    }

    /// <summary>Encodes a text that is cut into words already, for labels a word: <see cref="TokenEncoding.WordIds"/> are indices into <paramref name="words"/>, and offsets count within each word.</summary>
    /// <param name="words">Words; an empty one has no tokens.</param>
    /// <param name="pair">Words of a second text; null for none.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="TokenizationException">As for <see cref="Encode"/>.</exception>
    public TokenEncoding EncodeWords(IReadOnlyList<string> words, IReadOnlyList<string>? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        var workspace = TokenizerWorkspace.Take();
        try
        {
            AddWords(words, workspace.First, workspace);
            if (pair is not null) AddWords(pair, workspace.Second, workspace);
            var row = _rows.Build(new(words), workspace.First, pair is null ? null : new(pair), pair is null ? null : workspace.Second, options ?? Defaults);
            return options is null ? row : Pad([row], options)[0];
        }
        finally { workspace.Return(); }
    }

    /// <summary>Pads rows together as <paramref name="options"/> say; for rows encoded one by one.</summary>
    public TokenEncoding[] Pad(IReadOnlyList<TokenEncoding> rows, EncodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Padding == PaddingStrategy.None || rows.Count == 0) return [.. rows];
        var length = options.Padding == PaddingStrategy.Longest ? rows.Max(r => r.Length)
            : options.PadToLength ?? throw new ArgumentException($"Padding to a fixed length needs {nameof(EncodeOptions.PadToLength)}.", nameof(options));
        if (options.PadToMultipleOf is > 0 and var multiple && length % multiple > 0) length += multiple - length % multiple;
        var id = options.PadId ?? PadId ?? throw new TokenizationException("This tokenizer has no padding token. Name one in the options, or encode without padding.");
        var token = options.PadToken ?? IdToToken(id) ?? "";
        return [.. rows.Select(r => r.Padded(length, id, options.PadTypeId, token, options.PaddingSide))];
    }

    /// <summary>The text of a row of ids; ids that are not in the vocabulary are passed over.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out. Default true.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (IdToToken(id) is { } token && !(skipSpecialTokens && _added.IsSpecial(token))) tokens.Add(token);
        }
        return _parts.Decoder is null ? string.Join(' ', tokens) : string.Concat(_parts.Decoder.Decode(tokens));
    }

    /// <summary>The id of a token; null where it is not in the vocabulary.</summary>
    public int? TokenToId(string token) => _added.TokenToId(token) ?? _parts.Model.TokenToId(token);

    /// <summary>The token of an id; null where there is none.</summary>
    public string? IdToToken(int id) => _added.IdToToken(id) ?? _parts.Model.IdToToken(id);

    /// <summary>Writes the tokenizer's files, byte for byte as they were read, so that other libraries load them unchanged.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in _parts.Files) AtomicFile.WriteAllBytes(Path.Combine(folder, name), bytes);
    }

    private TokenEncoding EncodeRow(string text, string? pair, EncodeOptions options)
    {
        var workspace = TokenizerWorkspace.Take();
        try
        {
            _pipeline.AddTokens(text, null, workspace.First, workspace);
            if (pair is not null) _pipeline.AddTokens(pair, null, workspace.Second, workspace);
            return _rows.Build(new(text), workspace.First, pair is null ? null : new(pair), pair is null ? null : workspace.Second, options);
        }
        finally { workspace.Return(); }
    }

    private void AddWords(IReadOnlyList<string> words, TokenList tokens, TokenizerWorkspace workspace)
    {
        for (var i = 0; i < words.Count; i++) _pipeline.AddTokens(words[i], i, tokens, workspace);
    }

    private int? Role(string role, params ReadOnlySpan<string> usual)
    {
        if (_parts.Roles.TryGetValue(role, out var named)) return TokenToId(named);
        foreach (var token in usual)
        {
            if (TokenToId(token) is { } id) return id;
        }
        return null;
    }
}
