using System.Globalization;
using System.Net;

namespace Attune.Hub;

/// <summary>One file's bytes from the network into an <c>.incomplete</c> file that later calls, or Python, continue.</summary>
/// <param name="connection">Sends the requests.</param>
/// <param name="uri">Where the file is.</param>
/// <param name="incomplete">The file that grows; what is in it is not asked for again.</param>
/// <param name="bytes">The whole size; null when unknown, and then nothing is continued.</param>
internal sealed class HubTransfer(HubConnection connection, Uri uri, string incomplete, long? bytes)
{
    private long _lastReceived;

    /// <summary>Bytes that came over the network.</summary>
    public long Received { get; private set; }

    /// <summary>Makes an error of an answer that is no success.</summary>
    public required Func<HttpResponseMessage, Exception> Refused { get; init; }

    /// <summary>Receives how much of the file is here.</summary>
    public required Action<long> Arrived { get; init; }

    /// <summary>Fetches what is missing, however often the connection breaks as long as each attempt brings something.</summary>
    /// <exception cref="IOException">The server cannot be reached any more, or the disk is full.</exception>
    /// <exception cref="DataFormatException">The server sends more than it announced.</exception>
    public void Run(HubBackOff backOff, CancellationToken stop) => backOff.Run(() => Attempt(stop), Advanced, stop);

    private bool Advanced()
    {
        var advanced = Received > _lastReceived;
        _lastReceived = Received;
        return advanced;
    }

    private bool Attempt(CancellationToken stop)
    {
        var folder = Path.GetDirectoryName(incomplete)!;
        using var file = HubDisk.Run(folder, () => new FileStream(incomplete, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1));
        if (bytes is null || file.Length > bytes) HubDisk.Run(folder, () => file.SetLength(0));
        Arrived(file.Length);
        if (file.Length == bytes) return true;
        using var response = connection.Send(HttpMethod.Get, uri, file.Length, stop);
        if (!Continues(response, file.Length)) HubDisk.Run(folder, () => file.SetLength(0));
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) throw new HubUnreachable($"{uri.Host} cannot continue the file where it broke off; it starts again.");
        if (!response.IsSuccessStatusCode)
        {
            // A storage host's refusal is about an address that ran out, not about the user: the hub gives a new one.
            var host = response.RequestMessage!.RequestUri!;
            throw connection.IsHub(host) ? Refused(response) : new HubUnreachable($"{host.Host} answers {(int)response.StatusCode}.");
        }
        if (response.StatusCode == HttpStatusCode.PartialContent && file.Length == 0) throw new HubUnreachable($"{uri.Host} sends another part of the file than was asked for.");
        file.Position = file.Length;
        Copy(response, file, stop);
        HubDisk.Run(folder, () => file.Flush(flushToDisk: true));
        return true;
    }

    // A server that does not know ranges answers 200 with the whole file.
    private bool Continues(HttpResponseMessage response, long from)
        => from == 0 || (int)response.StatusCode is >= 400 and not 416
            || (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange is { } range && range.From == from && (range.Length is null || range.Length == bytes));

    private void Copy(HttpResponseMessage response, FileStream file, CancellationToken stop)
    {
        var buffer = new byte[1 << 17];
        Stream body;
        try { body = response.Content.ReadAsStream(stop); }
        catch (Exception e) when (e is IOException or HttpRequestException) { throw Broken(file.Length, e); }
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            int read;
            try { read = body.Read(buffer); }
            catch (Exception e) when (e is IOException or HttpRequestException) { throw Broken(file.Length, e); }
            if (read == 0) break;
            if (file.Length + read > bytes)
            {
                file.SetLength(0);
                throw new DataFormatException(HubConnection.Shown(uri), null, null, string.Create(CultureInfo.InvariantCulture, $"The server sends more than the {bytes:N0} bytes it announced. The file was removed. Try again; if it happens again, do not trust this server (HF_ENDPOINT)."));
            }
            HubDisk.Run(Path.GetDirectoryName(incomplete)!, () => file.Write(buffer, 0, read));
            Received += read;
            Arrived(file.Length);
        }
        if (file.Length < bytes) throw Broken(file.Length, null);
    }

    private HubUnreachable Broken(long here, Exception? inner)
        => new(string.Create(CultureInfo.InvariantCulture, $"The connection to {uri.Host} broke after {here:N0}{(bytes is { } all ? string.Create(CultureInfo.InvariantCulture, $" of {all:N0}") : "")} bytes."), inner: inner);
}
