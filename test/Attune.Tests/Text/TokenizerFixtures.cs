using System.Text;
using System.Text.Json;
using Attune.Text;

namespace Attune.Tests.Text;

/// <summary>Tokenizers for tests: those of the golden folder, and small ones written as files.</summary>
internal static class TokenizerFixtures
{
    public static readonly string[] BertWords =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "good", "##ness", "of", "food", "bad", "un", "##believ", "##able", ",", ".", "caf", "##e", "!", "a", "##b", "##c"];

    /// <summary>Names and folders of the tokenizers at hand: the golden folder's (ATTUNE_GOLDEN, else the repository's).</summary>
    public static IEnumerable<(string Name, string Folder)> All()
    {
        var golden = Environment.GetEnvironmentVariable("ATTUNE_GOLDEN") ?? TestFiles.At("test", "golden");
        var folder = Path.Combine(golden, "tokenizers", "models");
        return Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(f => (Path.GetFileName(f), f)) : [];
    }

    public static Tokenizer Bert(TemporaryFolder folder)
    {
        folder.Write("vocab.txt", string.Join('\n', BertWords) + "\n");
        return Tokenizer.Load(folder.Path);
    }

    /// <summary>A text of units that tokenizers find hard: marks, surrogate halves, NUL, special tokens, scripts, white space.</summary>
    public static string RandomText(Random random, int length)
    {
        string[] parts = ["[CLS]", "<s>", "[MASK]", " ", "  ", "\n", "\r\n", "'s", "'LL", "\u0130", "\u00E9", "e\u0301", "\u4E2D", "\uD83D\uDE80", "\uD835\uDC00", "\uAC00", "\u0E33", "123", "\u0661", "don't", "\u2581", "\u200D", "\u0301\u0323"];
        var text = new StringBuilder();
        while (text.Length < length)
        {
            var kind = random.Next(10);
            if (kind < 5) text.Append((char)random.Next(32, 127));
            else if (kind < 7) text.Append(parts[random.Next(parts.Length)]);
            else if (kind < 9) text.Append((char)random.Next(0x3000));
            else text.Append((char)random.Next(0x10000));   // lone surrogates too
        }
        return text.ToString();
    }

    /// <summary>The bytes of a SentencePiece file.</summary>
    public static byte[] SentencePiece(IEnumerable<(string Piece, float Score, int Kind)> pieces, bool bpe = false, bool byteFallback = false, int unknownId = 0, byte[]? charsMap = null)
    {
        var file = new MemoryStream();
        foreach (var (piece, score, kind) in pieces)
        {
            var message = new MemoryStream();
            Field(message, 1, System.Text.Encoding.UTF8.GetBytes(piece));
            message.WriteByte(2 << 3 | 5);
            message.Write(BitConverter.GetBytes(score));
            Number(message, 3, kind);
            Field(file, 1, message.ToArray());
        }
        var trainer = new MemoryStream();
        Number(trainer, 3, bpe ? 2 : 1);
        Number(trainer, 35, byteFallback ? 1 : 0);
        Number(trainer, 40, unknownId);
        Field(file, 2, trainer.ToArray());
        var normalizer = new MemoryStream();
        Field(normalizer, 2, charsMap ?? []);
        Field(file, 3, normalizer.ToArray());
        return file.ToArray();
    }

    /// <summary>A tokenizer.json with one model and nothing else but what <paramref name="more"/> names.</summary>
    public static Tokenizer Json(object model, Dictionary<string, object>? more = null)
    {
        var json = new Dictionary<string, object>(more ?? []) { ["model"] = model };
        return Tokenizer.FromJson(JsonSerializer.SerializeToUtf8Bytes(json));
    }

    private static void Field(Stream stream, int field, byte[] bytes)
    {
        Varint(stream, (ulong)(field << 3 | 2));
        Varint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void Number(Stream stream, int field, int value)
    {
        Varint(stream, (ulong)(field << 3));
        Varint(stream, (ulong)value);
    }

    private static void Varint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
