using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;

namespace Attune.Data.Images;

/// <summary>Makes the table of an <see cref="ImageSet"/>: paths, hashes of the bytes, and what else is known.</summary>
internal static class ImageTable
{
    public static ImageSet Make(string origin, ImageSource source, string[] names, IReadOnlyList<Column> others, IReadOnlyList<ColumnSchema> schema, IReadOnlyList<string> notices,
        Func<int, long>? lineOf, ImageListingOptions options)
    {
        foreach (var column in others)
        {
            if (column.Name is ImageSet.PathColumn or ImageSet.ContentColumn)
                throw new DataFormatException(origin, 1, column.Name, $"A column of the list is called '{column.Name}', which is the name of a column that is made from the pictures. Rename it.");
        }
        var hashes = Hash(source, options);
        var path = Words(ImageSet.PathColumn, names);
        // The letter in front keeps hashes such as 12345e6789012345 from being read as numbers.
        var content = Words(ImageSet.ContentColumn, Array.ConvertAll(hashes, h => h is { } hash ? "x" + hash.ToString("x16", CultureInfo.InvariantCulture) : null));
        var table = new Table(origin, names.Length, [path, content, .. others])
        {
            Schema =
            [
                new ColumnSchema(path.Name, ColumnKind.Identifier, "where the picture is"),
                new ColumnSchema(content.Name, ColumnKind.Identifier, "a hash of the picture's bytes"),
                .. schema,
            ],
            Notices = notices,
            LineOfRow = lineOf,
        };
        return new ImageSet(table, source);
    }

    // The first 64 bits of SHA-256 over each file; null where a file cannot be read, which the check of the pictures reports.
    private static ulong?[] Hash(ImageSource source, ImageListingOptions options)
    {
        var hashes = new ulong?[source.Rows];
        var done = 0;
        var every = Math.Max(1, source.Rows / 100);
        try
        {
            Parallel.For(0, source.Rows, new ParallelOptions { MaxDegreeOfParallelism = options.EffectiveThreads }, () => new byte[1 << 16], (row, _, buffer) =>
            {
                try
                {
                    var length = source.Read(row, ref buffer);
                    Span<byte> hash = stackalloc byte[32];
                    SHA256.HashData(buffer.AsSpan(0, length), hash);
                    hashes[row] = BinaryPrimitives.ReadUInt64BigEndian(hash);
                }
                catch (DataFormatException) { }
                if (Interlocked.Increment(ref done) is var count && (count % every == 0 || count == source.Rows)) options.Progress?.Invoke(count, source.Rows);
                return buffer;
            }, _ => { });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return hashes;
    }

    private static TextColumn Words(string name, string?[] values)
    {
        var codes = new int[values.Length];
        var dictionary = new Dictionary<string, int>(values.Length, StringComparer.Ordinal);
        for (var i = 0; i < codes.Length; i++)
        {
            if (values[i] is not { } value) codes[i] = -1;
            else if (!dictionary.TryGetValue(value, out codes[i])) dictionary.Add(value, codes[i] = dictionary.Count);
        }
        return new TextColumn(name, codes, [.. dictionary.Keys]);
    }
}
