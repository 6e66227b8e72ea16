namespace Attune.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">The file at hand.</param>
/// <param name="Bytes">Bytes that are here, of all files.</param>
/// <param name="TotalBytes">Bytes of all files; null while the server has not said.</param>
public readonly record struct HubProgress(string File, long Bytes, long? TotalBytes);
