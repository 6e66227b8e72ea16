using System.Buffers.Binary;
using System.IO.Compression;

namespace FashionMnist;

/// <summary>Bytes in LeCun's IDX format, gzipped: two zeros, type 8, the number of axes, their sizes (big-endian), the bytes.</summary>
internal sealed record IdxFile(int[] Sizes, byte[] Bytes)
{
    public static IdxFile Read(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var head = new byte[4];
        stream.ReadExactly(head);
        if (head is not [0, 0, 8, >= 1 and <= 4]) throw new InvalidDataException($"{path}: is no IDX file of bytes.");
        var sizes = new int[head[3]];
        foreach (ref var size in sizes.AsSpan())
        {
            stream.ReadExactly(head);
            size = BinaryPrimitives.ReadInt32BigEndian(head);
        }
        var bytes = new byte[checked(sizes.Aggregate(1, (a, b) => checked(a * b)))];
        stream.ReadExactly(bytes);
        return new IdxFile(sizes, bytes);
    }
}
