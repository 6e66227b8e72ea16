using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Attune.Hub;

/// <summary>Requests to the hub and to the hosts it sends on to: redirects are followed by hand, so that the token stays with the hub's own host.</summary>
internal sealed class HubConnection : IDisposable
{
    private const int MostRedirects = 10;
    private readonly HubSettings _settings;
    private readonly HttpClient _client;
    private readonly Uri _endpoint;

    public HubConnection(HubSettings settings)
    {
        _settings = settings;
        _endpoint = new Uri(settings.Endpoint + "/");
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = settings.Timeout, ConnectCallback = Connect }) { Timeout = Timeout.InfiniteTimeSpan };
        var version = typeof(HubConnection).Assembly.GetName().Version;
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("attune", version?.ToString(3)));
    }

    /// <summary>The address of a path below the endpoint; the path is escaped already.</summary>
    public Uri At(string path) => new(_endpoint, path);

    /// <summary>Sends a request and follows redirects; the answer's status may be anything but 408, 429 and 5xx. The caller disposes it.</summary>
    /// <param name="method">HEAD does not leave the hub's host: the answer that sends away has the headers that are asked for.</param>
    /// <param name="uri">Where to.</param>
    /// <param name="from">First byte that is wanted; 0 for all.</param>
    /// <param name="stop">Ends the request.</param>
    /// <param name="seen">Sees every answer on the way, the last one included.</param>
    /// <exception cref="HubUnreachable">The connection broke, or the server asks to come again.</exception>
    /// <exception cref="IOException">The connection cannot be trusted, or the redirects do not end.</exception>
    public HttpResponseMessage Send(HttpMethod method, Uri uri, long from, CancellationToken stop, Action<HttpResponseMessage>? seen = null)
    {
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            var response = SendOnce(method, uri, from, stop);
            seen?.Invoke(response);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                || response.Headers.Location is not { } location) return response;
            var next = new Uri(uri, location);
            if (method == HttpMethod.Head && !IsHub(next)) return response;
            response.Dispose();
            if (next.Scheme is not ("http" or "https") || (uri.Scheme == "https" && next.Scheme != "https"))
                throw new IOException($"{Shown(uri)}: The server sends on to '{next.Scheme}://{next.Host}', which is not encrypted. Nothing was downloaded from there. Check HF_ENDPOINT.");
            uri = next;
        }
        throw new IOException($"{Shown(uri)}: The server redirects more than {MostRedirects} times. Check HF_ENDPOINT.");
    }

    /// <summary>Whether an address is the hub's own: scheme, host and port.</summary>
    public bool IsHub(Uri uri) => uri.Scheme == _endpoint.Scheme && uri.Port == _endpoint.Port && uri.Host.Equals(_endpoint.Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>An address for people: without its query, which may hold a signature.</summary>
    public static string Shown(Uri uri) => uri.GetLeftPart(UriPartial.Path);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpResponseMessage SendOnce(HttpMethod method, Uri uri, long from, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, uri);
        if (_settings.Token is { } token && IsHub(uri)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));   // sizes and ranges count the file's own bytes
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        HttpResponseMessage response;
        try { response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead, stop); }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new IOException($"{Shown(uri)}: No secure connection: {(e.InnerException ?? e).Message} Check the clock of this machine, its certificates and HTTPS_PROXY.", e);
        }
        catch (HttpRequestException e) { throw new HubUnreachable($"{uri.Host} cannot be reached: {e.Message}", inner: e); }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested) { throw new HubUnreachable($"{uri.Host} does not answer.", inner: e); }
        if (response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests) && (int)response.StatusCode < 500) return response;
        using (response)
        {
            var after = response.Headers.RetryAfter?.Delta;
            throw new HubUnreachable($"{uri.Host} answers {(int)response.StatusCode} ({(response.StatusCode == HttpStatusCode.TooManyRequests ? "too many requests" : "the server's fault")}).", after);
        }
    }

    // A socket of our own, as only its timeout ends the wait for a server that has gone silent in the middle of a file.
    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)_settings.Timeout.TotalMilliseconds, SendTimeout = (int)_settings.Timeout.TotalMilliseconds };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
