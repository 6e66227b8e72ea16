using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Attune.Weights;

namespace Attune.Graphs;

/// <summary>
/// A block of raw little-endian bytes at a fixed address, of any size: pinned managed memory, or a slice of a mapped file.
/// Keeps its owner alive; never owns what it did not allocate.
/// </summary>
public sealed unsafe class TensorBuffer
{
    private readonly byte* _pointer;
    private readonly object? _owner;

    /// <summary>A view of memory that <paramref name="owner"/> keeps valid.</summary>
    internal TensorBuffer(byte* pointer, long byteLength, object owner)
    {
        _pointer = pointer;
        ByteLength = byteLength;
        _owner = owner;
    }

    private TensorBuffer(byte[] pinned)
    {
        _owner = pinned;
        _pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
        ByteLength = pinned.LongLength;
    }

    /// <summary>Number of bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Address of the first byte; valid as long as this object is reachable.</summary>
    internal byte* Pointer => _pointer;

    /// <summary>Fresh zeroed memory of any size: pinned managed memory below 2 GB, native memory above.</summary>
    public static TensorBuffer Allocate(long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        if (byteLength <= Array.MaxLength) return new(GC.AllocateArray<byte>((int)byteLength, pinned: true));
        var memory = new NativeBlock(byteLength);
        return new(memory.Pointer, byteLength, memory);
    }

    /// <summary>A copy of the bytes in fresh memory.</summary>
    public TensorBuffer Copy()
    {
        var copy = Allocate(ByteLength);
        Buffer.MemoryCopy(_pointer, copy._pointer, copy.ByteLength, ByteLength);
        GC.KeepAlive(this);
        return copy;
    }

    /// <summary>Says that the bytes are not read again soon: what lies in a mapped file leaves the memory until it is.</summary>
    internal void PageOut()
    {
        if (_owner is MappedFile) MappedFile.PageOut(_pointer, ByteLength);
        GC.KeepAlive(this);
    }

    /// <summary>Writes all bytes to a stream.</summary>
    public void WriteTo(Stream stream)
    {
        const int Chunk = 1 << 24;
        for (long start = 0; start < ByteLength; start += Chunk) stream.Write(Span<byte>(start, (int)Math.Min(Chunk, ByteLength - start)));
    }

    /// <summary>A copy of <paramref name="values"/>.</summary>
    public static TensorBuffer From<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        var buffer = Allocate((long)values.Length * sizeof(T));
        MemoryMarshal.AsBytes(values).CopyTo(buffer.Span<byte>());
        return buffer;
    }

    /// <summary>All elements as one span.</summary>
    /// <exception cref="OverflowException">More than 2^31-1 elements; use <see cref="Span{T}(long, int)"/>.</exception>
    public Span<T> Span<T>() where T : unmanaged => new(_pointer, checked((int)(ByteLength / sizeof(T))));

    /// <summary><paramref name="count"/> elements from element <paramref name="start"/>.</summary>
    public Span<T> Span<T>(long start, int count) where T : unmanaged
    {
        if (start < 0 || count < 0 || (start + count) * sizeof(T) > ByteLength) throw new ArgumentOutOfRangeException(nameof(count));
        return new(_pointer + start * sizeof(T), count);
    }

    /// <summary>A view of some of the bytes.</summary>
    public TensorBuffer Slice(long start, long byteLength)
    {
        if (start < 0 || byteLength < 0 || start > ByteLength - byteLength) throw new ArgumentOutOfRangeException(nameof(byteLength));
        return new(_pointer + start, byteLength, _owner ?? this);
    }

    private sealed class NativeBlock(long byteLength)
    {
        public byte* Pointer { get; } = (byte*)NativeMemory.AllocZeroed((nuint)byteLength);

        ~NativeBlock() => NativeMemory.Free(Pointer);
    }
}
