namespace Attune.Hub;

/// <summary>
/// The Hugging Face cache in its standard layout, shared with Python: <c>models--org--name/refs/REVISION</c> holds a commit, <c>blobs/ETAG</c> the bytes,
/// <c>snapshots/COMMIT/PATH</c> links to them (files where a folder cannot hold links, as on Windows), <c>.locks</c> the locks of downloads.
/// </summary>
/// <param name="settings">Where the cache is.</param>
public sealed class HubCache(HubSettings settings)
{
    private bool? _links = settings.SymbolicLinks;

    /// <summary>The cache's folder; need not exist.</summary>
    public string Folder => settings.CacheFolder;

    /// <summary>The snapshot of a repository, as Attune or Python downloaded it; null when there is none. Asks no server.</summary>
    /// <param name="repository"><c>org/name</c>.</param>
    /// <param name="revision">Branch, tag or commit; null is <c>main</c>.</param>
    /// <exception cref="OptionsException">The hub allows no repository or revision to be called so.</exception>
    public HubSnapshot? Find(string repository, string? revision = null)
    {
        var reference = HubReference.Parse(repository, revision);
        var wanted = reference.Revision ?? HubReference.DefaultRevision;
        var commit = HubReference.IsCommit(wanted) ? wanted : ReadReference(reference, wanted);
        if (commit is null) return null;
        var folder = SnapshotFolder(reference, commit);
        return HasFile(folder) ? new HubSnapshot(reference.Repository, wanted, commit, folder) : null;
    }

    internal string RepositoryFolder(HubReference reference) => Path.Combine(Folder, reference.FolderName);

    internal string SnapshotFolder(HubReference reference, string commit) => Path.Combine(RepositoryFolder(reference), "snapshots", commit);

    internal string Blob(HubReference reference, string etag) => Path.Combine(RepositoryFolder(reference), "blobs", etag);

    internal string Lock(HubReference reference, string etag) => Path.Combine(Folder, ".locks", reference.FolderName, etag + ".lock");

    /// <summary>Notes that a branch or tag is at a commit. Last of a download, so that what is found under its name is whole.</summary>
    internal void WriteReference(HubReference reference, string revision, string commit)
    {
        if (revision == commit) return;
        var file = HubFileName.Below(Path.Combine(RepositoryFolder(reference), "refs"), revision);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (ReadReference(reference, revision) != commit) AtomicFile.WriteAllText(file, commit);
    }

    /// <summary>Puts a blob into a snapshot under its name: a relative link, else the file itself (moved when nothing else needs the blob).</summary>
    internal void Place(string blob, string pointer, bool fresh)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(pointer)!);
        if (new FileInfo(pointer) is { LinkTarget: not null } or { Exists: true }) File.Delete(pointer);
        if (Links())
        {
            try { File.CreateSymbolicLink(pointer, Path.GetRelativePath(Path.GetDirectoryName(pointer)!, blob)); }
            catch (IOException) when (File.Exists(pointer)) { /* another process has just made the same link */ }
        }
        else if (fresh) File.Move(blob, pointer, overwrite: true);
        else
        {
            var copy = $"{pointer}.{Guid.NewGuid():N}.tmp";
            File.Copy(blob, copy);
            File.Move(copy, pointer, overwrite: true);
        }
    }

    private string? ReadReference(HubReference reference, string revision)
    {
        try
        {
            var text = File.ReadAllText(HubFileName.Below(Path.Combine(RepositoryFolder(reference), "refs"), revision)).Trim();
            return HubReference.IsCommit(text) ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    private static bool HasFile(string folder)
    {
        try { return Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(HubDisk.HasBytes); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; }
    }

    /// <summary>Whether the cache's folder can hold links: tried once.</summary>
    private bool Links()
    {
        if (_links is { } known) return known;
        var link = Path.Combine(Folder, $".attune-{Guid.NewGuid():N}");
        try
        {
            File.CreateSymbolicLink(link, "target");
            _links = true;
            File.Delete(link);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException) { _links ??= false; }
        return _links.Value;
    }
}
