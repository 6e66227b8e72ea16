using System.Text;
using System.Text.Json;
using Attune.Text;
using Attune.Text.Decoders;
using Attune.Text.Normalizers;
using Attune.Text.PreTokenizers;

namespace Attune.Tests.Golden;

/// <summary>
/// Cases of tokenizers: a file of expected/ is one case (hundreds of strings, pairs, batches and id lists), a file of full/ another where the tokenizer itself is at hand
/// (folder ATTUNE_TOKENIZERS, by name), and each component of components.json one.
/// </summary>
public static class TokenizersGolden
{
    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var folder = Path.Combine(goldenFolder, "tokenizers");
        if (!Directory.Exists(folder)) yield break;
        var (strings, pairs) = Strings(Path.Combine(folder, "strings.json"));
        foreach (var file in Files(Path.Combine(folder, "expected")))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            yield return GoldenOutcome.Of($"tokenizers/expected/{name}", () => Check(Load(Path.Combine(folder, "models", name)), file, strings, pairs));
        }
        foreach (var file in Files(Path.Combine(folder, "full")))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            yield return GoldenOutcome.Of($"tokenizers/full/{name}", () => CheckFull(file, name, strings));
        }
        var components = Path.Combine(folder, "components.json");
        if (!File.Exists(components)) yield break;
        using var json = JsonDocument.Parse(File.ReadAllBytes(components));
        foreach (var outcome in Components(json.RootElement, folder, strings)) yield return outcome;
    }

    private static IEnumerable<string> Files(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal) : [];

    private static Tokenizer Load(string folder) => Tokenizer.Load(folder);

    private static (Dictionary<string, string> Strings, Dictionary<string, (string, string)> Pairs) Strings(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return (json.RootElement.GetProperty("strings").EnumerateArray().ToDictionary(s => s.GetProperty("id").GetString()!, s => s.GetProperty("text").GetString()!),
            json.RootElement.GetProperty("pairs").EnumerateArray().ToDictionary(s => s.GetProperty("id").GetString()!, s => (s.GetProperty("text").GetString()!, s.GetProperty("text_pair").GetString()!)));
    }

    private static string? Check(Tokenizer tokenizer, string file, Dictionary<string, string> strings, Dictionary<string, (string First, string Second)> pairs)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = json.RootElement;
        var failures = new List<string>();
        if (root.GetProperty("vocab_size").GetInt32() != tokenizer.VocabularySize) failures.Add($"vocabulary of {tokenizer.VocabularySize}, expected {root.GetProperty("vocab_size")}");
        foreach (var record in root.GetProperty("encode").EnumerateArray()) failures.AddRange(CheckEncode(tokenizer, record, strings[Id(record)]).Take(1).Select(f => $"{Id(record)} {f}"));
        foreach (var record in root.GetProperty("pairs").EnumerateArray()) failures.AddRange(CheckPair(tokenizer, record, pairs[Id(record)]).Take(1).Select(f => $"{Id(record)} {f}"));
        foreach (var (i, batch) in root.GetProperty("batches").EnumerateArray().Index()) failures.AddRange(CheckBatch(tokenizer, batch, strings, pairs).Take(1).Select(f => $"batch {i} {f}"));
        foreach (var (i, record) in root.GetProperty("decode").EnumerateArray().Index()) failures.AddRange(CheckDecode(tokenizer, record).Take(1).Select(f => $"decode {i} {f}"));
        return Summary(failures);
    }

    private static string? Summary(List<string> failures) => failures.Count == 0 ? null : $"{failures.Count} differ: {string.Join(" | ", failures.Take(3))}";

    private static string Id(JsonElement record) => record.GetProperty("id").GetString()!;

    private static IEnumerable<string> CheckEncode(Tokenizer tokenizer, JsonElement record, string text)
    {
        var plain = tokenizer.Encode(text, null, new EncodeOptions { AddSpecialTokens = false });
        foreach (var failure in CheckRow("plain", plain, record)) yield return failure;
        var special = tokenizer.Encode(text);
        var expected = record.TryGetProperty("special", out var given) ? given : record;
        foreach (var failure in CheckRow("special", special, expected)) yield return failure;
        var ids = Ints(expected.GetProperty("ids"));
        if (!record.TryGetProperty("decode", out var decode)) yield break;
        foreach (var (i, skip) in ((bool[])[false, true]).Index())
        {
            if (Differ($"decode skip {skip}", decode[i].GetString()!, tokenizer.Decode(ids, skip)) is { } failure) yield return failure;
        }
    }

    private static IEnumerable<string> CheckRow(string what, TokenEncoding row, JsonElement expected)
    {
        if (Differ($"{what} ids", Ints(expected.GetProperty("ids")), row.Ids) is { } ids) yield return ids;
        if (expected.TryGetProperty("tokens", out var tokens) && Differ($"{what} tokens", tokens.EnumerateArray().Select(t => t.GetString()!), row.Tokens) is { } text) yield return text;
        if (Differ($"{what} offsets", Ints(expected.GetProperty("off")), Flat(row.CodePointOffsets)) is { } points) yield return points;
        var utf16 = expected.TryGetProperty("off16", out var given) ? given : expected.GetProperty("off");
        if (Differ($"{what} UTF-16 offsets", Ints(utf16), Flat(row.Offsets)) is { } offsets) yield return offsets;
        if (expected.TryGetProperty("words", out var words) && Differ($"{what} words", Ints(words), row.WordIds) is { } word) yield return word;
        if (Differ($"{what} mask", Digits(expected, "mask", row.Length), row.SpecialTokensMask) is { } mask) yield return mask;
        if (Differ($"{what} types", Digits(expected, "types", row.Length), row.TypeIds) is { } types) yield return types;
        if (expected.TryGetProperty("seq", out var sequences) && Differ($"{what} sequences", Ints(sequences), row.SequenceIds) is { } sequence) yield return sequence;
    }

    private static IEnumerable<string> CheckPair(Tokenizer tokenizer, JsonElement record, (string First, string Second) pair)
    {
        foreach (var failure in CheckRow("pair", tokenizer.Encode(pair.First, pair.Second), record)) yield return failure;
        var expected = record.TryGetProperty("plain", out var given) ? given : record;
        var plain = tokenizer.Encode(pair.First, pair.Second, new EncodeOptions { AddSpecialTokens = false });
        if (Differ("plain ids", Ints(expected.GetProperty("ids")), plain.Ids) is { } ids) yield return ids;
        if (Differ("plain types", Digits(expected, "types", plain.Length), plain.TypeIds) is { } types) yield return types;
    }

    private static IEnumerable<string> CheckBatch(Tokenizer tokenizer, JsonElement batch, Dictionary<string, string> strings, Dictionary<string, (string First, string Second)> pairs)
    {
        var json = new ComponentJson("golden", "batch", batch);
        var options = TokenizerJson.ReadOptions(json.Object("truncation"), json.Object("padding")) with { AddSpecialTokens = json.Flag("add_special_tokens"), ReturnOverflow = true };
        var inputs = batch.GetProperty("inputs").EnumerateArray().Select(i => i.GetString()!).ToArray();
        var isPair = json.Text("kind") == "pair";
        var texts = inputs.Select(i => isPair ? pairs[i].First : strings[i]).ToArray();
        var seconds = isPair ? inputs.Select(i => (string?)pairs[i].Second).ToArray() : null;
        var failed = batch.TryGetProperty("error", out _);
        TokenEncoding[]? rows = null;
        try { rows = tokenizer.EncodeBatch(texts, seconds, options); }
        catch (TokenizationException) { }
        if (rows is null != failed) yield return failed ? "no error" : "an error";
        options = options with { Padding = PaddingStrategy.None };
        foreach (var (i, expected) in batch.GetProperty("out").EnumerateArray().Index())
        {
            TokenEncoding? row = null;
            try { row = rows?[i] ?? tokenizer.Encode(texts[i], seconds?[i], options); }
            catch (TokenizationException) { }
            if (row is null != expected.TryGetProperty("error", out _)) yield return $"row {i}: {(row is null ? "an error" : "no error")}";
            if (row is null || expected.TryGetProperty("error", out _)) continue;
            if (Differ($"row {i} ids", Ints(expected.GetProperty("ids")), row.Ids) is { } ids) yield return ids;
            if (Differ($"row {i} types", Digits(expected, "types", row.Length), row.TypeIds) is { } types) yield return types;
            if (Differ($"row {i} attention", Digits(expected, "att", row.Length), row.AttentionMask) is { } attention) yield return attention;
            if (Differ($"row {i} mask", Digits(expected, "mask", row.Length), row.SpecialTokensMask) is { } mask) yield return mask;
            if (Differ($"row {i} offsets", Ints(expected.GetProperty("off")), Flat(row.CodePointOffsets)) is { } offsets) yield return offsets;
            var overflow = expected.TryGetProperty("overflow", out var parts) ? parts.EnumerateArray().Select(p => string.Join(',', Ints(p))) : [];
            if (Differ($"row {i} overflow", overflow, row.Overflow.Select(o => string.Join(',', o.Ids))) is { } over) yield return over;
        }
    }

    private static IEnumerable<string> CheckDecode(Tokenizer tokenizer, JsonElement record)
    {
        var ids = Ints(record.GetProperty("ids"));
        if (Differ("text", record.GetProperty("text").GetString()!, tokenizer.Decode(ids, false)) is { } text) yield return text;
        if (Differ("skip", record.GetProperty("skip").GetString()!, tokenizer.Decode(ids)) is { } skip) yield return skip;
    }

    private static string? CheckFull(string file, string name, Dictionary<string, string> strings)
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable("ATTUNE_TOKENIZERS") ?? "", name, "tokenizer.json");
        if (!File.Exists(path)) throw new NotImplementedException("the tokenizer's file is not at hand (ATTUNE_TOKENIZERS/NAME/tokenizer.json)");
        var tokenizer = Tokenizer.Load(path);
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var failures = new List<string>();
        if (json.RootElement.GetProperty("vocab_size").GetInt32() != tokenizer.VocabularySize) failures.Add($"vocabulary of {tokenizer.VocabularySize}");
        foreach (var record in json.RootElement.GetProperty("encode").EnumerateArray())
        {
            var text = strings[Id(record)];
            var row = tokenizer.Encode(text, null, new EncodeOptions { AddSpecialTokens = false });
            var ids = Ints(record.GetProperty("ids"));
            var special = record.TryGetProperty("special", out var given) ? Ints(given.GetProperty("ids")) : ids;
            var failure = Differ("ids", ids, row.Ids) ?? Differ("special", special, tokenizer.Encode(text).Ids)
                ?? (record.TryGetProperty("off16", out var offsets) ? Differ("offsets", Ints(offsets), Flat(row.Offsets)) : null)
                ?? Differ("decode", record.TryGetProperty("decode", out var decode) ? decode.GetString()! : text, tokenizer.Decode(ids, false));
            if (failure is not null) failures.Add($"{Id(record)} {failure}");
        }
        return Summary(failures);
    }

    private static IEnumerable<GoldenOutcome> Components(JsonElement root, string folder, Dictionary<string, string> strings)
    {
        var inputs = root.GetProperty("inputs").EnumerateArray().Select(i => strings[i.GetString()!]).ToArray();
        foreach (var (i, item) in root.GetProperty("normalizers").EnumerateArray().Index())
            yield return GoldenOutcome.Of($"tokenizers/components/normalizers[{i}]", () => CheckNormalizer(Config(item, folder, "normalizer", "normalizers"), item.GetProperty("out"), inputs));
        foreach (var (i, item) in root.GetProperty("pre_tokenizers").EnumerateArray().Index())
            yield return GoldenOutcome.Of($"tokenizers/components/pre_tokenizers[{i}]", () => CheckPreTokenizer(Config(item, folder, "pre_tokenizer", "pretokenizers"), item.GetProperty("out"), inputs));
        var lists = root.GetProperty("decoder_inputs").EnumerateArray().Select(l => l.EnumerateArray().Select(t => t.GetString()!).ToList()).ToArray();
        foreach (var (i, item) in root.GetProperty("decoders").EnumerateArray().Index())
            yield return GoldenOutcome.Of($"tokenizers/components/decoders[{i}]", () => CheckDecoder(Config(item, folder, "decoder", "decoders"), item.GetProperty("out"), lists));
    }

    private static ComponentJson Config(JsonElement item, string folder, string part, string members)
    {
        var config = item.GetProperty("config");
        if (!config.TryGetProperty("ref", out var name)) return new("golden", part, config);
        var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "models", name.GetString()!, "tokenizer.json"))).RootElement.GetProperty(part);
        return new("golden", part, config.TryGetProperty("index", out var index) ? json.GetProperty(members)[index.GetInt32()] : json);
    }

    private static string? CheckNormalizer(ComponentJson config, JsonElement expected, string[] inputs)
    {
        var normalizer = NormalizerJson.Read(config);
        return Summary([.. inputs.Select((input, i) =>
        {
            var text = new AlignedText();
            text.Reset(input, 0);
            normalizer.Apply(text);
            return Differ($"input {i} {Show(input)}", expected[i].ValueKind == JsonValueKind.Null ? input : expected[i].GetString()!, text.Span.ToString());
        }).OfType<string>()]);
    }

    private static string? CheckPreTokenizer(ComponentJson config, JsonElement expected, string[] inputs)
    {
        var preTokenizer = PreTokenizerJson.Read(config);
        return Summary([.. inputs.Select((input, i) =>
        {
            var pieces = new TextPieces();
            pieces.Text.Reset(input, 0);
            pieces.Begin();
            pieces.Add(0, input.Length);
            pieces.Commit();
            preTokenizer.Apply(pieces);
            var actual = pieces.All.ToArray().Select(p => $"{pieces.Text.Span[p.Start..p.End]} {pieces.Text.StartOf(p.Start)} {pieces.Text.EndOf(p.End - 1)}");
            return Differ($"input {i} {Show(input)}", expected[i].EnumerateArray().Select(p => $"{p[0].GetString()} {p[1].GetInt32()} {p[2].GetInt32()}"), actual);
        }).OfType<string>()]);
    }

    private static string? CheckDecoder(ComponentJson config, JsonElement expected, List<string>[] lists)
    {
        var decoder = TokenDecoderJson.Read(config);
        return Summary([.. lists.Select((list, i) => expected[i].ValueKind == JsonValueKind.Null ? null
            : Differ($"list {i}", expected[i].GetString()!, string.Concat(decoder.Decode([.. list])))).OfType<string>()]);
    }

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetInt32())];

    private static int[] Digits(JsonElement record, string name, int length)
        => record.TryGetProperty(name, out var digits) ? [.. digits.GetString()!.Select(c => c - '0')] : new int[length];

    private static IEnumerable<int> Flat(TokenOffset[] offsets) => offsets.SelectMany(o => (int[])[o.Start, o.End]);

    private static string? Differ<T>(string what, IEnumerable<T> expected, IEnumerable<T> actual)
    {
        if (expected is string a && actual is string b) return a == b ? null : $"{what}: {Show(b)}, expected {Show(a)}";
        var (wanted, got) = (expected.ToArray(), actual.ToArray());
        if (wanted.SequenceEqual(got)) return null;
        var at = wanted.Zip(got).TakeWhile(p => Equals(p.First, p.Second)).Count();
        return $"{what}: {Show(string.Join(' ', got.Skip(at).Take(8)))} from {at} of {got.Length}, expected {Show(string.Join(' ', wanted.Skip(at).Take(8)))} of {wanted.Length}";
    }

    private static string Show(string text)
    {
        var shown = new StringBuilder("'");
        foreach (var c in text.Take(60)) shown.Append(c is >= ' ' and < '\x7F' ? c.ToString() : FormattableString.Invariant($"\\u{(int)c:x4}"));
        return shown.Append('\'').ToString();
    }
}
