namespace Attune.Hub;

/// <summary>One commit of a repository in the cache.</summary>
/// <param name="Repository"><c>org/name</c>.</param>
/// <param name="Revision">As it was asked for.</param>
/// <param name="Commit">The commit's hash, hexadecimal.</param>
/// <param name="Folder">Where its files are, under their names in the repository.</param>
public sealed record HubSnapshot(string Repository, string Revision, string Commit, string Folder);
