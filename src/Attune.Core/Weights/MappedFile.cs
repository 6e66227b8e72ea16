using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Attune.Graphs;
using Microsoft.Win32.SafeHandles;

namespace Attune.Weights;

/// <summary>
/// A whole file as private, copy-on-write memory: pages come from disk when they are touched, and writing to them never changes the file.
/// Lives as long as a <see cref="TensorBuffer"/> over it.
/// </summary>
internal sealed unsafe partial class MappedFile
{
    private readonly SafeMemoryMappedViewHandle? _handle;
    private readonly byte* _pointer;

    private MappedFile(string path, SafeMemoryMappedViewHandle? handle, byte* pointer, long length)
    {
        (Path, _handle, Length) = (path, handle, length);
        _pointer = pointer;
    }

    /// <summary>The file as the caller named it.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>Address of the first byte.</summary>
    public byte* Pointer => _pointer;

    /// <summary>Maps a file.</summary>
    /// <exception cref="DataFormatException">The file is missing, a folder, or cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new DataFormatException(path, null, null, "This is a folder; a file was expected.");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var length = stream.Length;
            if (length == 0) return new MappedFile(path, null, null, 0);
            using var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: true);
            using var view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.CopyOnWrite);
            byte* pointer = null;
            // the acquired reference outlives the accessor; the view is unmapped when the handle is finalized
            var handle = view.SafeMemoryMappedViewHandle;
            handle.AcquirePointer(ref pointer);
            return new MappedFile(path, handle, pointer + view.PointerOffset, length);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFormatException(path, null, null, "The file does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DataFormatException(path, null, null, $"The file cannot be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// Tells the system that some of the bytes are not needed in memory for now: pages as they are on disk are given back at once and read again when they are touched;
    /// pages that were written to stay. Does nothing where the system has no such call.
    /// </summary>
    public static void PageOut(byte* start, long length)
    {
        const int PageOutAdvice = 21;   // MADV_PAGEOUT of asm-generic/mman-common.h, since Linux 5.4
        if (!OperatingSystem.IsLinux()) return;
        var page = (nint)Environment.SystemPageSize;
        var first = ((nint)start + page - 1) / page * page;
        var end = ((nint)start + (nint)length) / page * page;
        if (end > first) _ = Advise(first, end - first, PageOutAdvice);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nint length, int advice);

    ~MappedFile() => _handle?.ReleasePointer();

    /// <summary>Some of the bytes, not copied.</summary>
    public TensorBuffer View(long start, long length)
    {
        if (start < 0 || length < 0 || start > Length - length) throw new ArgumentOutOfRangeException(nameof(length));
        return new TensorBuffer(_pointer + start, length, this);
    }

    /// <summary>Some of the bytes as elements of <paramref name="type"/>: a view where their address suits the element, else a copy.</summary>
    public TensorBuffer Elements(DataType type, long start, long length, out bool copied)
    {
        var view = View(start, length);
        copied = (nint)view.Pointer % Math.Max(1, type.Bits() / 8) != 0;
        return copied ? view.Copy() : view;
    }
}
