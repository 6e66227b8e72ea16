namespace Attune.Hub;

/// <summary>Work on the cache's files, whose errors say what to do.</summary>
internal static class HubDisk
{
    /// <summary>Does <paramref name="work"/> on files below <paramref name="folder"/>.</summary>
    /// <exception cref="IOException">It fails, because the disk is full or the folder cannot be written.</exception>
    public static T Run<T>(string folder, Func<T> work)
    {
        try { return work(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: The folder cannot be written: {e.Message} What was downloaded before is kept. Free disk space, or choose another folder with HF_HOME or HF_HUB_CACHE, and run the command again.", e);
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public static void Run(string folder, Action work) => Run(folder, () =>
    {
        work();
        return true;
    });

    /// <summary>Whether a file's bytes are here; a link to nothing, for which <see cref="File.Exists"/> is true, has none.</summary>
    public static bool HasBytes(string path)
    {
        try { return File.Exists(path) && (new FileInfo(path).LinkTarget is null || File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: true }); }
        catch (IOException) { return false; }   // links in a ring
    }

    /// <summary>A file's size; that of its target for a link.</summary>
    public static long Length(string path)
    {
        using var handle = File.OpenHandle(path);
        return RandomAccess.GetLength(handle);
    }
}
