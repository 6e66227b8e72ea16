using System.Buffers;
using System.Buffers.Binary;

namespace Attune.Graphs.Onnx;

/// <summary>A protobuf message under construction: small fields in a buffer, tensor bytes by reference.</summary>
internal sealed class WireMessage
{
    private readonly List<(ReadOnlyMemory<byte> Bytes, TensorBuffer? Data)> _parts = [];
    private ArrayBufferWriter<byte> _tail = new();

    /// <summary>Bytes of the finished message.</summary>
    public long Length { get; private set; }

    public void Int(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
    }

    public void Float(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        BinaryPrimitives.WriteSingleLittleEndian(_tail.GetSpan(4), value);
        _tail.Advance(4);
        Length += 4;
    }

    public void Text(int field, string value) => Bytes(field, System.Text.Encoding.UTF8.GetBytes(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Head(field, value.Length);
        _tail.Write(value);
        Length += value.Length;
    }

    public void Data(int field, TensorBuffer value)
    {
        Head(field, value.ByteLength);
        Flush();
        _parts.Add((default, value));
        Length += value.ByteLength;
    }

    public void Message(int field, WireMessage value)
    {
        Head(field, value.Length);
        Flush();
        value.Flush();
        _parts.AddRange(value._parts);
        Length += value.Length;
    }

    public void WriteTo(Stream stream)
    {
        Flush();
        foreach (var (bytes, data) in _parts)
        {
            if (data is null) stream.Write(bytes.Span);
            else data.WriteTo(stream);
        }
    }

    private void Head(int field, long length)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)length);
    }

    private void Varint(ulong value)
    {
        var span = _tail.GetSpan(10);
        var count = 0;
        for (; value >= 0x80; value >>= 7) span[count++] = (byte)(value | 0x80);
        span[count++] = (byte)value;
        _tail.Advance(count);
        Length += count;
    }

    private void Flush()
    {
        if (_tail.WrittenCount == 0) return;
        _parts.Add((_tail.WrittenMemory, null));
        _tail = new ArrayBufferWriter<byte>();
    }
}
