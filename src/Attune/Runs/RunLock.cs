namespace Attune.Runs;

/// <summary>Keeps a run folder for one process: a second writer is refused instead of mixing its files in. Freed when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the folder.</summary>
    /// <exception cref="OptionsException">Another process has it, or the folder cannot be made.</exception>
    public static RunLock Take(string folder)
    {
        try { Directory.CreateDirectory(folder); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new OptionsException($"out: The folder '{folder}' cannot be made: {e.Message} Choose another.");
        }
        var path = Path.Combine(folder, ".lock");
        try { return new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose)); }
        catch (IOException) when (File.Exists(path))
        {
            throw new OptionsException($"out: Another process is writing to '{folder}' at this moment. Wait for it, or choose another folder.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
