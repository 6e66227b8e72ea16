namespace Attune.Hub;

/// <summary>Keeps one blob for one download at a time, across processes; the same files that Python locks (.NET's exclusive files and Python's filelock both use flock on Unix).</summary>
internal sealed class HubLock : IDisposable
{
    // What "another has it" is on each platform: EAGAIN twice, and a sharing violation.
    private const int Linux = 11;
    private const int MacOs = 35;
    private const int Windows = unchecked((int)0x80070020);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _file;

    private HubLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, waiting until whoever has it is done.</summary>
    /// <param name="path">The lock's file; made when missing, and left behind, as others may be waiting on it.</param>
    /// <param name="waiting">Called once when the lock is taken by another.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static HubLock Take(string path, Action waiting, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var told = false; ; told = true)
        {
            stop.ThrowIfCancellationRequested();
            try { return new HubLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1)); }
            catch (IOException e) when (e.HResult is Linux or MacOs or Windows)
            {
                if (!told) waiting();
                stop.WaitHandle.WaitOne(Again);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
