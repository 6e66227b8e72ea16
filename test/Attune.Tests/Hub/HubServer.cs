using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Attune.Hub;

namespace Attune.Tests.Hub;

/// <summary>
/// A server on the loopback that speaks the hub's API over plain sockets: revisions with siblings, resolve addresses with ETags, redirects of large files to a second host (another port),
/// ranges; and misbehaves where a test asks for it.
/// </summary>
internal sealed class HubServer : IDisposable
{
    private readonly TcpListener _hub = new(IPAddress.Loopback, 0);
    private readonly TcpListener _storage = new(IPAddress.Loopback, 0);
    private readonly List<HubRequest> _requests = [];
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _large = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public HubServer()
    {
        Accept(_hub, storage: false);
        Accept(_storage, storage: true);
    }

    public string Repository { get; init; } = "org/name";

    public string Commit { get; set; } = new('a', 40);

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_hub.LocalEndpoint).Port}";

    /// <summary>Looked at before every answer; what it returns is sent instead. The number is how often this method and path came before.</summary>
    public Func<HubRequest, int, HubAnswer?>? Instead { get; set; }

    /// <summary>More names than there are files.</summary>
    public List<string> AlsoNamed { get; } = [];

    /// <summary>False leaves sizes and hashes out of the API's answer, as old servers do.</summary>
    public bool TellsBlobs { get; set; } = true;

    public IReadOnlyList<HubRequest> Requests
    {
        get { lock (_gate) return [.. _requests]; }
    }

    public HubServer With(string name, string text) => With(name, System.Text.Encoding.UTF8.GetBytes(text));

    public HubServer With(string name, byte[] bytes, bool large = false)
    {
        _files[name] = bytes;
        if (large) _large.Add(name);
        return this;
    }

    /// <summary>A small repository of the usual kind: weights of some size on the storage host.</summary>
    public HubServer WithModel(int bytes = 300_000) => With("config.json", "{}").With("vocab.txt", "[PAD]\nhello\n").With("1_Pooling/config.json", "{\"word_embedding_dimension\":2}").With("model.safetensors", Bytes(bytes), large: true);

    public static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++) bytes[i] = (byte)((i * 2654435761L) >> 13);
        return bytes;
    }

    public string EtagOf(string name) => _large.Contains(name) ? Convert.ToHexStringLower(SHA256.HashData(_files[name])) : GitHash(_files[name]);

    public static string GitHash(byte[] bytes)
    {
#pragma warning disable CA5350 // as git does
        return Convert.ToHexStringLower(SHA1.HashData([.. System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {bytes.Length}\0")), .. bytes]));
#pragma warning restore CA5350
    }

    public HubSettings Settings(TemporaryFolder folder) => new() { Endpoint = Endpoint, CacheFolder = Path.Combine(folder.Path, "hub"), Timeout = TimeSpan.FromSeconds(10) };

    public void Dispose()
    {
        _hub.Stop();
        _storage.Stop();
    }

    private void Accept(TcpListener listener, bool storage)
    {
        listener.Start();
        new Thread(() =>
        {
            while (true)
            {
                TcpClient client;
                try { client = listener.AcceptTcpClient(); }
                catch (SocketException) { return; }
                catch (InvalidOperationException) { return; }   // stopped, or disposed
                new Thread(() => Serve(client, storage)) { IsBackground = true }.Start();
            }
        }) { IsBackground = true }.Start();
    }

    private void Serve(TcpClient client, bool storage)
    {
        using (client)
        using (var stream = client.GetStream())
        {
            try
            {
                while (Read(stream, storage) is { } request)
                {
                    int before;
                    lock (_gate)
                    {
                        before = _requests.Count(r => r.Method == request.Method && r.Path == request.Path);
                        _requests.Add(request);
                    }
                    var answer = Instead?.Invoke(request, before) ?? Answer(request);
                    var body = answer.Body;
                    var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} x\r\n");
                    foreach (var (name, value) in answer.Headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
                    if (!answer.Headers.ContainsKey("Content-Length")) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
                    stream.Write(System.Text.Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
                    if (request.Method != "HEAD") stream.Write(body, 0, Math.Min(body.Length, answer.CutAfter ?? body.Length));
                    if (answer.CutAfter is not null) return;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException) { /* the client went away */ }
        }
    }

    private static HubRequest? Read(NetworkStream stream, bool storage)
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var next = stream.ReadByte();
            if (next < 0) return null;
            text.Append((char)next);
        }
        var lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ');
        var headers = lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        return new HubRequest(first[0], first[1].Split('?')[0], storage, headers);
    }

    /// <summary>What a well-behaved hub answers.</summary>
    public HubAnswer Answer(HubRequest request)
    {
        if (request.Storage) return Part(_files[Uri.UnescapeDataString(request.Path[1..])], request);
        var api = $"/api/models/{Repository}/revision/";
        if (request.Path.StartsWith(api, StringComparison.Ordinal))
        {
            var revision = Uri.UnescapeDataString(request.Path[api.Length..]);
            return revision is "main" or "v1" || revision == Commit ? new HubAnswer(200, System.Text.Encoding.UTF8.GetBytes(Listing().ToJsonString())) : HubAnswer.Error(404, "RevisionNotFound");
        }
        var resolve = $"/{Repository}/resolve/{Commit}/";
        if (!request.Path.StartsWith(resolve, StringComparison.Ordinal)) return HubAnswer.Error(404, "RepoNotFound");
        var name = Uri.UnescapeDataString(request.Path[resolve.Length..]);
        if (!_files.TryGetValue(name, out var bytes)) return HubAnswer.Error(404, "EntryNotFound");
        var answer = _large.Contains(name) ? new HubAnswer(302, []) : Part(bytes, request);
        answer.Headers["X-Repo-Commit"] = Commit;
        if (!_large.Contains(name)) answer.Headers["ETag"] = $"\"{EtagOf(name)}\"";
        else
        {
            answer.Headers["ETag"] = "\"the-pointers-own\"";
            answer.Headers["X-Linked-Etag"] = $"\"{EtagOf(name)}\"";
            answer.Headers["X-Linked-Size"] = bytes.Length.ToString(CultureInfo.InvariantCulture);
            answer.Headers["Location"] = $"http://127.0.0.1:{((IPEndPoint)_storage.LocalEndpoint).Port}/{name}?signature=1";
        }
        return answer;
    }

    private JsonObject Listing() => new()
    {
        ["id"] = Repository,
        ["sha"] = Commit,
        ["siblings"] = new JsonArray([.. _files.Keys.Concat(AlsoNamed).Select(n => (JsonNode)Sibling(n))]),
    };

    private JsonObject Sibling(string name)
    {
        var sibling = new JsonObject { ["rfilename"] = name };
        if (!TellsBlobs || !_files.TryGetValue(name, out var bytes)) return sibling;
        sibling["size"] = bytes.Length;
        sibling["blobId"] = GitHash(bytes);
        if (_large.Contains(name)) sibling["lfs"] = new JsonObject { ["sha256"] = EtagOf(name), ["size"] = bytes.Length, ["pointerSize"] = 130 };
        return sibling;
    }

    private static HubAnswer Part(byte[] bytes, HubRequest request)
    {
        if (!request.Headers.TryGetValue("Range", out var range)) return new HubAnswer(200, bytes);
        var from = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        if (from >= bytes.Length) return new HubAnswer(416, []);
        var answer = new HubAnswer(206, bytes[from..]);
        answer.Headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{bytes.Length - 1}/{bytes.Length}");
        return answer;
    }
}

/// <summary>A request that the server got.</summary>
internal sealed record HubRequest(string Method, string Path, bool Storage, IReadOnlyDictionary<string, string> Headers);

/// <summary>What the server sends; after <see cref="CutAfter"/> bytes of the body the connection is cut.</summary>
internal sealed record HubAnswer(int Status, byte[] Body)
{
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public int? CutAfter { get; init; }

    public static HubAnswer Error(int status, string? code) => code is null ? new HubAnswer(status, []) : new HubAnswer(status, []).And("X-Error-Code", code);

    public HubAnswer And(string name, string value)
    {
        Headers[name] = value;
        return this;
    }
}
