namespace Attune.Hub;

/// <summary>Downloads models from the Hugging Face hub, a mirror or a private hub into the standard cache. Nothing that is downloaded is executed.</summary>
/// <example><code>
/// var pull = new HubClient(HubSettings.FromEnvironment()).Pull("sentence-transformers/all-MiniLM-L6-v2");
/// Console.WriteLine(pull.Folder);
/// </code></example>
/// <param name="settings">Where the hub and the cache are.</param>
/// <param name="time">The clock of retries; null is the system's.</param>
public sealed class HubClient(HubSettings settings, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Brings a revision of a repository to this machine: what is here already is not asked for again, what was interrupted is continued, every file is checked.</summary>
    /// <param name="repository"><c>org/name</c>, or <c>org/name@revision</c>.</param>
    /// <param name="options">What to download; null for the defaults.</param>
    /// <param name="stop">Ends the download; what is here is kept and continued by the next call.</param>
    /// <exception cref="OptionsException">There is no such repository or revision, it may not be read, or it has weights in pickle files only.</exception>
    /// <exception cref="DataFormatException">The server sends what cannot be right: a wrong checksum (the file is removed), a name that leads out of the folder, an answer of another program.</exception>
    /// <exception cref="IOException">The server cannot be reached after five attempts, or the disk is full.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    public HubPull Pull(string repository, HubPullOptions? options = null, CancellationToken stop = default)
    {
        options ??= new HubPullOptions();
        settings.Validate();
        var reference = HubReference.Parse(repository, options.Revision);
        var pull = settings.Offline ? Cached(reference) : Download(reference, options, stop);
        return options.LocalFolder is { } folder ? HubLocalFolder.Copy(pull, folder, options.Overwrite, stop) : pull;
    }

    private HubPull Download(HubReference reference, HubPullOptions options, CancellationToken stop)
    {
        using var connection = new HubConnection(settings);
        return new HubDownload(settings, connection, new HubBackOff(_time, options.Note), reference, options, stop).Run();
    }

    private HubPull Cached(HubReference reference)
    {
        var found = new HubCache(settings).Find(reference.Repository, reference.Revision)
            ?? throw new OptionsException($"{reference.Repository}: Revision '{reference.Revision ?? HubReference.DefaultRevision}' is not in the cache {settings.CacheFolder}, and HF_HUB_OFFLINE forbids to ask the hub. Unset HF_HUB_OFFLINE, or copy the model there.");
        var names = Directory.EnumerateFiles(found.Folder, "*", SearchOption.AllDirectories).Where(HubDisk.HasBytes).Select(f => Path.GetRelativePath(found.Folder, f).Replace(Path.DirectorySeparatorChar, '/'));
        return new HubPull(found, found.Folder, [.. names.Order(StringComparer.Ordinal).Select(n => new HubFile(n, HubDisk.Length(HubFileName.Below(found.Folder, n)), 0))], []);
    }
}
