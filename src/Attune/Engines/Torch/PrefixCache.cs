using System.IO.MemoryMappedFiles;
using Attune.Encoding;
using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Boundary values of a frozen prefix, per set and view: in memory up to a limit, then in a temporary file up to another one. Sets that fit into neither are not kept.
/// Rows are always computed in the same groups, whatever the order in which training asks for them: a resumed run sees the same bits.
/// </summary>
internal sealed class PrefixCache(long rowWidth, PrefixCacheOptions options) : IDisposable
{
    private readonly Dictionary<(EncodedSet Set, int View), TensorBuffer> _values = [];
    private readonly List<IDisposable> _files = [];
    private long _memory, _disk;

    /// <summary>Bytes that a row takes.</summary>
    public long RowBytes => rowWidth * (options.Precision == Precision.BFloat16 ? sizeof(ushort) : sizeof(float));

    /// <summary>True when all rows of the set are kept for this view.</summary>
    public bool Has(EncodedSet set, int view) => _values.ContainsKey((set, view));

    /// <summary>Room for all rows of a set, to be filled by <see cref="Write"/> and published by <see cref="Keep"/>; null when no limit leaves any.</summary>
    public TensorBuffer? Reserve(int rows)
    {
        var bytes = RowBytes * rows;
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

    /// <summary>Writes rows [start, start + count), given as one fp32 row of all boundary values each.</summary>
    public void Write(TensorBuffer buffer, int start, ReadOnlySpan<float> values)
    {
        if (options.Precision == Precision.Float32)
        {
            values.CopyTo(buffer.Span<float>(start * rowWidth, values.Length));
            return;
        }
        var target = buffer.Span<ushort>(start * rowWidth, values.Length);
        for (var i = 0; i < target.Length; i++) target[i] = Narrow(values[i]);
    }

    /// <summary>Reads one part of some rows: numbers [first, first + width) of each, [rows.Length, width].</summary>
    public void Read(EncodedSet set, int view, ReadOnlySpan<int> rows, long first, int width, Span<float> destination)
    {
        var buffer = _values[(set, view)];
        for (var i = 0; i < rows.Length; i++)
        {
            var target = destination.Slice(i * width, width);
            if (options.Precision == Precision.Float32)
            {
                buffer.Span<float>(rows[i] * rowWidth + first, width).CopyTo(target);
                continue;
            }
            var source = buffer.Span<ushort>(rows[i] * rowWidth + first, width);
            for (var k = 0; k < width; k++) target[k] = BitConverter.UInt32BitsToSingle((uint)source[k] << 16);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Clear();
        foreach (var file in _files) file.Dispose();
    }

    private unsafe TensorBuffer OnDisk(long bytes)
    {
        Directory.CreateDirectory(options.Folder);
        var path = Path.Combine(options.Folder, $".attune-prefix-{Guid.NewGuid():N}.tmp");
        var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, PreallocationSize = bytes });
        stream.SetLength(bytes);
        var mapped = MemoryMappedFile.CreateFromFile(stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        var view = mapped.CreateViewAccessor(0, bytes);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _files.Add(view);
        _files.Add(mapped);
        return new TensorBuffer(pointer + view.PointerOffset, bytes, view);
    }

    // To nearest, ties to even.
    private static ushort Narrow(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
