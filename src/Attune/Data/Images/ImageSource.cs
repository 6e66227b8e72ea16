namespace Attune.Data.Images;

/// <summary>The undecoded bytes of pictures, by row. Thread-safe.</summary>
public abstract class ImageSource : IDisposable
{
    /// <summary>Pixels that a picture may claim unless an option says otherwise: 89,478,485 (Pillow's MAX_IMAGE_PIXELS).</summary>
    public const long DefaultMaxPixels = 89_478_485;

    /// <summary>Number of rows R.</summary>
    public abstract int Rows { get; }

    /// <summary>How messages call the picture of a row.</summary>
    public abstract string Name(int row);

    /// <summary>Reads a row's bytes.</summary>
    /// <param name="row">0 to R − 1.</param>
    /// <param name="buffer">Grown when it is too small; the bytes stand at its start.</param>
    /// <returns>Number of bytes.</returns>
    /// <exception cref="DataFormatException">The file is missing or cannot be read.</exception>
    public abstract int Read(int row, ref byte[] buffer);

    /// <summary>Lets go of files; a temporary one is deleted.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what a derived class holds.</summary>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>Makes <paramref name="buffer"/> at least <paramref name="length"/> long.</summary>
    private protected static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = GC.AllocateUninitializedArray<byte>((int)Math.Max(length, Math.Min(buffer.Length * 2L, Array.MaxLength)));
    }
}
