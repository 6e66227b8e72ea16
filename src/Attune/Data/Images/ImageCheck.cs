namespace Attune.Data.Images;

/// <summary>
/// Looks at every picture before training, so that a damaged one does not end a run after hours. Headers are always read. Pixels are decoded as well where
/// that takes less than about a core-minute, because only that finds damage in the middle of a file; else it is looked whether each file has its end.
/// </summary>
public static class ImageCheck
{
    /// <summary>Most pixels of all pictures together that <see cref="ImageCheckDepth.Auto"/> decodes: 4 thousand million, about 13,000 photographs of 640 × 480 or half a core-minute.</summary>
    public const long FullDecodePixels = 4_000_000_000;

    /// <summary>Looks at every row of <paramref name="source"/>.</summary>
    /// <param name="source">The pictures.</param>
    /// <param name="depth">How thoroughly.</param>
    /// <param name="maxPixels">Pictures that claim more pixels count as unreadable.</param>
    /// <param name="threads">Threads, ≥ 1; 0 takes every processor.</param>
    /// <param name="progress">Told how many of how many pictures are done, about a hundred times in each pass, from any thread.</param>
    public static UnreadableImages Run(ImageSource source, ImageCheckDepth depth = ImageCheckDepth.Auto, long maxPixels = ImageSource.DefaultMaxPixels, int threads = 0, Action<int, int>? progress = null)
    {
        var reasons = new string?[source.Rows];
        long pixels = 0;
        Each(source, threads, progress, reasons, () => (bytes, name) =>
        {
            var (width, height) = ImageDecoder.ReadHeader(bytes, name, maxPixels);
            Interlocked.Add(ref pixels, (long)width * height);
        });
        if (depth == ImageCheckDepth.Auto) depth = pixels <= FullDecodePixels ? ImageCheckDepth.Full : ImageCheckDepth.Headers;
        if (depth == ImageCheckDepth.Headers) Each(source, threads, progress, reasons, () => ImageDecoder.CheckEnd);
        else
        {
            Each(source, threads, progress, reasons, () =>
            {
                var (decoder, image) = (new ImageDecoder(), new PixelImage());
                return (bytes, name) => decoder.Decode(bytes, name, image, maxPixels, (255, 255, 255));
            });
        }
        var bad = Enumerable.Range(0, reasons.Length).Where(row => reasons[row] is not null).Select(row => new UnreadableImage(row, source.Name(row), reasons[row]!));
        return new UnreadableImages(source.Rows, [.. bad], depth);
    }

    private delegate void Look(ReadOnlySpan<byte> bytes, string name);

    private static void Each(ImageSource source, int threads, Action<int, int>? progress, string?[] reasons, Func<Look> make)
    {
        var done = 0;
        var every = Math.Max(1, source.Rows / 100);
        Parallel.For(0, source.Rows, new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount }, () => (Buffer: new byte[1 << 16], Look: make()), (row, _, local) =>
        {
            if (reasons[row] is null)
            {
                try
                {
                    var length = source.Read(row, ref local.Buffer);
                    local.Look(local.Buffer.AsSpan(0, length), source.Name(row));
                }
                catch (DataFormatException e) { reasons[row] = e.Message; }
            }
            if (Interlocked.Increment(ref done) is var count && (count % every == 0 || count == source.Rows)) progress?.Invoke(count, source.Rows);
            return local;
        }, _ => { });
    }
}
