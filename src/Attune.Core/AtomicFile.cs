namespace Attune;

/// <summary>Writes files whole or not at all: a temporary file in the same folder, flushed to disk, then renamed over the target.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark.</summary>
    /// <exception cref="IOException">The folder is missing or not writable, or the disk is full; an earlier file is as it was.</exception>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes <paramref name="bytes"/>.</summary>
    /// <exception cref="IOException">The folder is missing or not writable, or the disk is full; an earlier file is as it was.</exception>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new PendingFile(path);
        try
        {
            file.Stream.Write(bytes);
            file.Commit();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw Failed(path, e); }
    }

    /// <summary>Writes what <paramref name="write"/> puts on the stream; when it throws, nothing is left behind.</summary>
    /// <exception cref="IOException">The folder is missing or not writable, or the disk is full; an earlier file is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new PendingFile(path);
        try
        {
            write(file.Stream);
            file.Commit();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw Failed(path, e); }
    }

    private static IOException Failed(string path, Exception e)
        => new($"{path}: The file cannot be written: {e.Message} Nothing was changed. Free disk space or choose a folder that can be written.", e);

    private sealed class PendingFile : IDisposable
    {
        private readonly string _target;
        private readonly string _temporary;
        private bool _committed;

        public PendingFile(string path)
        {
            _target = Regular(Path.GetFullPath(path));
            _temporary = Path.Combine(Path.GetDirectoryName(_target) ?? ".", $".attune-{Guid.NewGuid():N}.tmp");
            try { Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw Failed(path, e); }
        }

        // A link is followed, so that it stays a link; a device or pipe must never be renamed over.
        private static string Regular(string path)
        {
            var target = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (File.Exists(target) && !OperatingSystem.IsWindows() && (target.StartsWith("/dev/", StringComparison.Ordinal) || target.StartsWith("/proc/", StringComparison.Ordinal)))
                throw new IOException($"{path}: This is no regular file, so it cannot be written whole or not at all. Name a file.");
            return target;
        }

        public FileStream Stream { get; }

        public void Commit()
        {
            Stream.Flush(flushToDisk: true);
            Stream.Dispose();
            File.Move(_temporary, _target, overwrite: true);
            _committed = true;
        }

        public void Dispose()
        {
            if (_committed) return;
            try { Stream.Dispose(); }
            catch (IOException) { /* a full disk fails the last flush once more; the file goes anyway */ }
            try { File.Delete(_temporary); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { /* the first error is the one to tell */ }
        }
    }
}
