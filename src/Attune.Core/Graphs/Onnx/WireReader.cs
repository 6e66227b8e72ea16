using System.Buffers.Binary;
using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>Protobuf's wire format over a part of a mapped file. Every read is checked against the end of the message; nothing is copied.</summary>
internal unsafe struct WireReader(MappedFile file, long start, long end)
{
    private long _at = start;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Wire type of the current field: 0 varint, 1 fixed 64, 2 bytes, 5 fixed 32.</summary>
    public int WireType { get; private set; }

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    public bool Next()
    {
        if (_at == end) return false;
        var tag = Varint();
        if (tag >> 3 is 0 or > 536_870_911) throw Bad($"field number {tag >> 3} at byte {_at} is not valid protobuf");
        (Field, WireType) = ((int)(tag >> 3), (int)(tag & 7));
        if (WireType is not (0 or 1 or 2 or 5)) throw Bad($"wire type {WireType} at byte {_at} is not valid here");
        return true;
    }

    /// <summary>Skips the current field.</summary>
    public void Skip()
    {
        switch (WireType)
        {
            case 0: Varint(); break;
            case 1: Advance(8); break;
            case 2: Bytes(); break;
            default: Advance(4); break;
        }
    }

    /// <summary>An integer field.</summary>
    public long Int()
    {
        Expect(0);
        return (long)Varint();
    }

    /// <summary>A float field.</summary>
    public float Float()
    {
        Expect(5);
        return BinaryPrimitives.ReadSingleLittleEndian(new ReadOnlySpan<byte>(file.Pointer + Advance(4), 4));
    }

    /// <summary>A text field.</summary>
    public string Text()
    {
        var (from, length) = Range();
        try { return Strict.GetString(file.Pointer + from, checked((int)length)); }
        catch (Exception e) when (e is ArgumentException or OverflowException) { throw Bad($"the text at byte {from} is not valid UTF-8"); }
    }

    /// <summary>A message field.</summary>
    public WireReader Message()
    {
        var (from, length) = Range();
        return new WireReader(file, from, from + length);
    }

    /// <summary>A bytes field: its place in the file.</summary>
    public (long Start, long Length) Range()
    {
        Expect(2);
        return Bytes();
    }

    /// <summary>Adds one or, when packed, all integers of a repeated field.</summary>
    public void AddInts(List<long> values)
    {
        if (WireType == 0)
        {
            values.Add(Int());
            return;
        }
        var packed = Message();
        while (packed._at < packed.End) values.Add((long)packed.Varint());
    }

    /// <summary>Adds one or, when packed, all floats of a repeated field.</summary>
    public void AddFloats(List<float> values)
    {
        if (WireType == 5)
        {
            values.Add(Float());
            return;
        }
        var packed = Message();
        while (packed._at < packed.End) values.Add(BinaryPrimitives.ReadSingleLittleEndian(new ReadOnlySpan<byte>(file.Pointer + packed.Advance(4), 4)));
    }

    /// <summary>Adds one or, when packed, all doubles of a repeated field.</summary>
    public void AddDoubles(List<double> values)
    {
        if (WireType == 1)
        {
            values.Add(BinaryPrimitives.ReadDoubleLittleEndian(new ReadOnlySpan<byte>(file.Pointer + Advance(8), 8)));
            return;
        }
        var packed = Message();
        while (packed._at < packed.End) values.Add(BinaryPrimitives.ReadDoubleLittleEndian(new ReadOnlySpan<byte>(file.Pointer + packed.Advance(8), 8)));
    }

    private static System.Text.UTF8Encoding Strict { get; } = new(false, throwOnInvalidBytes: true);

    private readonly long End => end;

    private (long Start, long Length) Bytes()
    {
        var length = Varint();
        if (length > (ulong)(end - _at)) throw Bad($"field {Field} at byte {_at} claims {length} bytes where {end - _at} are left; the file is truncated or damaged");
        return (Advance((long)length), (long)length);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at >= end) throw Bad($"the file ends in the middle of a protobuf field (byte {_at})");
            var next = file.Pointer[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Bad($"an integer at byte {_at} is longer than 10 bytes");
    }

    private long Advance(long count)
    {
        if (count > end - _at) throw Bad($"the file ends in the middle of a protobuf field (byte {_at})");
        var from = _at;
        _at += count;
        return from;
    }

    private readonly void Expect(int wireType)
    {
        if (WireType != wireType) throw Bad($"field {Field} at byte {_at} has wire type {WireType}; {wireType} was expected");
    }

    private readonly DataFormatException Bad(string reason) => new(file.Path, null, null, $"This is not a readable ONNX file: {reason}.");
}
