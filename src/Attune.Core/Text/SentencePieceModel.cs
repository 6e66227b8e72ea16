using System.Buffers.Binary;

namespace Attune.Text;

/// <summary>What a SentencePiece .model file holds (a protocol buffer, sentencepiece_model.proto): pieces, the kind of model, the normalizer's map.</summary>
internal sealed class SentencePieceModel
{
    private readonly List<(string Text, double Score, PieceKind Kind)> _pieces = [];

    /// <summary>What a piece is for.</summary>
    internal enum PieceKind
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }

    public IReadOnlyList<(string Text, double Score, PieceKind Kind)> Pieces => _pieces;

    /// <summary>True for byte-pair encoding, false for a unigram model.</summary>
    public bool IsBpe { get; private set; }

    public int UnknownId { get; private set; }

    public bool HasByteFallback { get; private set; }

    public byte[] CharsMap { get; private set; } = [];

    public bool AddsDummyPrefix { get; private set; } = true;

    /// <exception cref="DataFormatException">The bytes are no such file, or a kind of model that is not known.</exception>
    public static SentencePieceModel Read(byte[] bytes, string file)
    {
        var model = new SentencePieceModel();
        try
        {
            foreach (var (field, value) in Fields(bytes))
            {
                if (field == 1) model._pieces.Add(ReadPiece(value));
                else if (field == 2) model.ReadTrainer(value);
                else if (field == 3) model.ReadNormalizer(value);
            }
        }
        catch (FormatException e)
        {
            throw new DataFormatException(file, null, null, $"This is no SentencePiece model: {e.Message}. Was the file cut off, or is it a pointer of Git LFS? Download it again.", e);
        }
        if (model._pieces.Count == 0 || (uint)model.UnknownId >= (uint)model._pieces.Count)
            throw new DataFormatException(file, null, null, $"This is no SentencePiece model: it has {model._pieces.Count} pieces, and number {model.UnknownId} as the unknown one. Download it again.");
        return model;
    }

    private static (string, double, PieceKind) ReadPiece(ReadOnlyMemory<byte> message)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        foreach (var (field, value) in Fields(message))
        {
            if (field == 1) text = System.Text.Encoding.UTF8.GetString(value.Span);
            else if (field == 2 && value.Length == 4) score = BinaryPrimitives.ReadSingleLittleEndian(value.Span);
            else if (field == 3) kind = (PieceKind)Number(value);
        }
        return float.IsFinite(score) ? (text, score, kind) : throw new FormatException($"the score of '{text}' is no number");
    }

    private void ReadTrainer(ReadOnlyMemory<byte> message)
    {
        foreach (var (field, value) in Fields(message))
        {
            if (field == 3) IsBpe = Number(value) switch { 1 => false, 2 => true, var other => throw new FormatException($"its kind of model is {other}, neither unigram (1) nor BPE (2)") };
            else if (field == 35) HasByteFallback = Number(value) != 0;
            else if (field == 40) UnknownId = Number(value);
        }
    }

    private void ReadNormalizer(ReadOnlyMemory<byte> message)
    {
        foreach (var (field, value) in Fields(message))
        {
            if (field == 2) CharsMap = value.ToArray();
            else if (field == 3) AddsDummyPrefix = Number(value) != 0;
        }
    }

    /// <summary>The fields of a message: number and content (a number as eight bytes).</summary>
    private static IEnumerable<(int Field, ReadOnlyMemory<byte> Value)> Fields(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = ReadVarint(message.Span, ref at);
            var length = (tag & 7) switch { 1 => 8ul, 5 => 4ul, 2 => ReadVarint(message.Span, ref at), 0 => 0ul, var kind => throw new FormatException($"it has a field of kind {kind} at byte {at}") };
            if ((tag & 7) == 0)
            {
                var number = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(number, ReadVarint(message.Span, ref at));
                yield return ((int)(tag >> 3), number);
                continue;
            }
            if (length > (ulong)(message.Length - at)) throw new FormatException($"a field at byte {at} ends beyond the file");
            yield return ((int)(tag >> 3), message.Slice(at, (int)length));
            at += (int)length;
        }
    }

    private static int Number(ReadOnlyMemory<byte> value) => value.Length == 8 ? (int)BinaryPrimitives.ReadInt64LittleEndian(value.Span) : throw new FormatException("a number is missing");

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= bytes.Length) throw new FormatException("it ends in the middle of a number");
            var b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw new FormatException($"a number at byte {at} has no end");
    }
}
