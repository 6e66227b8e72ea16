using System.Globalization;
using System.Net;

namespace Attune.Hub;

/// <summary>What the hub says of a file before it is downloaded.</summary>
/// <param name="Etag">Its name among the blobs: SHA-256 of a large file, git's SHA-1 of a small one.</param>
/// <param name="Bytes">Its size; null when unknown.</param>
/// <param name="Commit">The commit that answered; null when unknown.</param>
internal sealed record HubFileHead(string Etag, long? Bytes, string? Commit)
{
    /// <summary>What the bytes are checked against; null when the server gives nothing of the kind.</summary>
    public string? Checksum { get; private set; } = HubChecksum.IsChecksum(Etag) ? Etag : null;

    /// <summary>Asks the hub. The headers of the hub's own answers count, not those of the host that it sends on to.</summary>
    /// <exception cref="DataFormatException">The answer has no ETag.</exception>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    public static HubFileHead Read(HubConnection connection, HubBackOff backOff, Uri uri, Func<HttpResponseMessage, Exception> refused, CancellationToken stop) => backOff.Run(() =>
    {
        string? linkedEtag = null, linkedSize = null, commit = null;
        using var response = connection.Send(HttpMethod.Head, uri, 0, stop, answer =>
        {
            linkedEtag ??= HubErrors.Header(answer, "X-Linked-Etag");
            linkedSize ??= HubErrors.Header(answer, "X-Linked-Size");
            commit ??= HubErrors.Header(answer, "X-Repo-Commit");
        });
        if ((int)response.StatusCode >= 400) throw refused(response);
        var etag = HubChecksum.Normalize(linkedEtag ?? HubErrors.Header(response, "ETag"))
            ?? throw new DataFormatException(HubConnection.Shown(uri), null, null, "The server gives no usable ETag, by which files are told apart and checked. Check HF_ENDPOINT: a mirror or proxy has to pass the hub's headers on.");
        var bytes = long.TryParse(linkedSize, NumberStyles.None, CultureInfo.InvariantCulture, out var linked) ? linked : response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : null;
        return new HubFileHead(etag, bytes, commit);
    }, null, stop);

    /// <summary>Demands that the file belongs to the commit and is what the API listed.</summary>
    /// <exception cref="DataFormatException">It does not, or is not.</exception>
    public void Check(string source, string commit, HubRepository.File listed)
    {
        if (Commit is not null && Commit != commit) throw Changed($"commit {HubFileName.Shown(Commit)} instead of {commit}");
        if (listed.Sha256 is not { } sha256) return;
        if (Checksum is { Length: 64 } && Checksum != sha256) throw Changed($"SHA-256 {Checksum} instead of {sha256}");
        Checksum ??= sha256;

        DataFormatException Changed(string what) => new(source, null, null, $"The server answers with {what}, so the file is not the one that the revision lists. Run the command again; if it happens again, check HF_ENDPOINT.");
    }
}
