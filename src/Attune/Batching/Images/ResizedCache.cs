using Attune.Data.Images;

namespace Attune.Batching.Images;

/// <summary>Resized pictures by row, three bytes a pixel, up to a number of bytes; what does not fit is not kept. Thread-safe.</summary>
internal sealed class ResizedCache(int rows, long limit)
{
    private readonly byte[]?[] _pictures = limit > 0 ? new byte[]?[rows] : [];
    private long _bytes;

    /// <summary>Bytes kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Fills <paramref name="picture"/> (sized by the caller) when the row is kept.</summary>
    public bool TryGet(int row, PixelImage picture)
    {
        if (_pictures.Length == 0 || Volatile.Read(ref _pictures[row]) is not { } kept) return false;
        var words = picture.Words;
        for (int i = 0, at = 0; i < words.Length; i++, at += 3) words[i] = kept[at] | (uint)kept[at + 1] << 8 | (uint)kept[at + 2] << 16 | 0xFF000000;
        return true;
    }

    /// <summary>Keeps a picture while there is room.</summary>
    public void Add(int row, PixelImage picture)
    {
        if (_pictures.Length == 0 || Volatile.Read(ref _pictures[row]) is not null) return;
        var size = picture.Width * picture.Height * 3;
        if (Interlocked.Add(ref _bytes, size) > limit)
        {
            Interlocked.Add(ref _bytes, -size);
            return;
        }
        var kept = GC.AllocateUninitializedArray<byte>(size);
        var at = 0;
        foreach (var word in picture.Words)
        {
            kept[at++] = (byte)word;
            kept[at++] = (byte)(word >> 8);
            kept[at++] = (byte)(word >> 16);
        }
        if (Interlocked.CompareExchange(ref _pictures[row], kept, null) is not null) Interlocked.Add(ref _bytes, -size);
    }
}
