namespace Attune.Hub;

/// <summary>What a pull left on this machine.</summary>
/// <param name="Snapshot">The snapshot in the cache.</param>
/// <param name="Folder">Where the files are: the snapshot, or the local folder that was asked for.</param>
/// <param name="Files">The files, in the repository's order.</param>
/// <param name="LeftOut">Files of the repository that were not wanted.</param>
public sealed record HubPull(HubSnapshot Snapshot, string Folder, IReadOnlyList<HubFile> Files, IReadOnlyList<HubLeftOut> LeftOut)
{
    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(f => f.Bytes);

    /// <summary>Bytes that came over the network.</summary>
    public long Received => Files.Sum(f => f.Received);
}

/// <summary>A file that is here.</summary>
/// <param name="Name">Its name in the repository.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Received">Bytes that came over the network in this call: 0 for what was here, fewer than <paramref name="Bytes"/> after a resumed download.</param>
public sealed record HubFile(string Name, long Bytes, long Received);

/// <summary>A file that was not downloaded.</summary>
/// <param name="Name">Its name in the repository.</param>
/// <param name="Reason">Why, in a few words.</param>
public sealed record HubLeftOut(string Name, string Reason);
