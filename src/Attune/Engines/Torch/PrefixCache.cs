using System.IO.MemoryMappedFiles;
using Attune.Encoding;
using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Boundary values of a frozen prefix, per set and view: in memory up to a limit, then in a temporary file up to another one. Sets that fit into neither are not kept.
/// Rows are always computed in the same groups, whatever the order in which training asks for them: a resumed run sees the same bits.
/// </summary>
internal sealed class PrefixCache(PrefixCacheOptions options) : IDisposable
{
    private readonly Dictionary<(EncodedSet Set, int View), TensorBuffer> _values = [];
    private readonly Dictionary<TensorBuffer, IDisposable[]> _files = [];
    private long _memory, _disk;

    /// <summary>True when all rows of the set are kept for this view.</summary>
    public bool Has(EncodedSet set, int view) => _values.ContainsKey((set, view));

    /// <summary>Room for some numbers, to be filled by <see cref="Write"/> and published by <see cref="Keep"/>; null when no limit leaves any.</summary>
    public TensorBuffer? Reserve(long numbers)
    {
        var bytes = Math.Max(1, numbers) * (options.Precision == Precision.BFloat16 ? sizeof(ushort) : sizeof(float));
        if (_memory + bytes <= options.MemoryBytes)
        {
            _memory += bytes;
            return TensorBuffer.Allocate(bytes);
        }
        if (_disk + bytes > options.DiskBytes) return null;
        _disk += bytes;
        return OnDisk(bytes);
    }

    /// <summary>Makes a filled buffer the values of a set.</summary>
    public void Keep(EncodedSet set, int view, TensorBuffer values) => _values[(set, view)] = values;

    /// <summary>Drops all views of a set, or of every set when it is null.</summary>
    public void Forget(EncodedSet? set)
    {
        foreach (var key in _values.Keys.Where(k => set is null || ReferenceEquals(k.Set, set)).ToList())
        {
            _values.Remove(key, out var values);
            Release(values!);
        }
    }

    /// <summary>Gives a reserved buffer's room back.</summary>
    public void Release(TensorBuffer values)
    {
        if (!_files.Remove(values, out var file))
        {
            _memory -= values.ByteLength;
            return;
        }
        _disk -= values.ByteLength;
        foreach (var part in file) part.Dispose();
    }

    /// <summary>Writes numbers from place <paramref name="start"/> on.</summary>
    public void Write(TensorBuffer buffer, long start, ReadOnlySpan<float> values)
    {
        if (options.Precision == Precision.Float32)
        {
            values.CopyTo(buffer.Span<float>(start, values.Length));
            return;
        }
        var target = buffer.Span<ushort>(start, values.Length);
        for (var i = 0; i < target.Length; i++) target[i] = Narrow(values[i]);
    }

    /// <summary>Reads numbers from place <paramref name="start"/> on.</summary>
    public void Read(EncodedSet set, int view, long start, Span<float> destination)
    {
        var buffer = _values[(set, view)];
        if (options.Precision == Precision.Float32)
        {
            buffer.Span<float>(start, destination.Length).CopyTo(destination);
            return;
        }
        var source = buffer.Span<ushort>(start, destination.Length);
        for (var k = 0; k < source.Length; k++) destination[k] = BitConverter.UInt32BitsToSingle((uint)source[k] << 16);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Clear();
        foreach (var part in _files.Values.SelectMany(f => f)) part.Dispose();
        _files.Clear();
    }

    private unsafe TensorBuffer OnDisk(long bytes)
    {
        Directory.CreateDirectory(options.Folder);
        var path = Path.Combine(options.Folder, $".attune-prefix-{Guid.NewGuid():N}.tmp");
        var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, Options = FileOptions.DeleteOnClose, PreallocationSize = bytes });
        stream.SetLength(bytes);
        // Windows deletes it with the process. Elsewhere the name goes now and the bytes with the last handle, so that a killed run leaves nothing either.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        var mapped = MemoryMappedFile.CreateFromFile(stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        var view = mapped.CreateViewAccessor(0, bytes);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        var buffer = new TensorBuffer(pointer + view.PointerOffset, bytes, view);
        _files.Add(buffer, [view, mapped]);
        return buffer;
    }

    // To nearest, ties to even.
    private static ushort Narrow(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
