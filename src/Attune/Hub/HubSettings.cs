namespace Attune.Hub;

/// <summary>Where the Hugging Face hub is, who asks, and where this machine keeps what it downloaded: the settings that Python's <c>huggingface_hub</c> reads from the environment.</summary>
public sealed record HubSettings
{
    /// <summary>The public hub.</summary>
    public const string PublicEndpoint = "https://huggingface.co";

    /// <summary>Address of the hub, of a mirror or of a private one, without a slash at its end. Default <see cref="PublicEndpoint"/>; <c>HF_ENDPOINT</c>.</summary>
    public string Endpoint { get; init; } = PublicEndpoint;

    /// <summary>Access token, sent to <see cref="Endpoint"/>'s own host and to no other; null asks without a name. <c>HF_TOKEN</c>, else the file that <c>hf auth login</c> writes.</summary>
    public string? Token { get; init; }

    /// <summary>The cache: one folder <c>models--org--name</c> per repository. <c>HF_HUB_CACHE</c>, else <c>hub</c> in <c>HF_HOME</c>, else <c>~/.cache/huggingface/hub</c>.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>True asks no server and answers from the cache. Default false; <c>HF_HUB_OFFLINE</c>.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether snapshots are links to the blobs; false makes plain files. Default null: links where the cache's folder can hold them.</summary>
    public bool? SymbolicLinks { get; init; }

    /// <summary>How long a server may stay silent before the connection counts as broken and is tried again. Default 20 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The settings that the environment says.</summary>
    /// <param name="variable">Reads one variable; null reads the process's own.</param>
    /// <exception cref="OptionsException">A variable holds what cannot be used.</exception>
    public static HubSettings FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        var home = Value("HF_HOME") ?? Path.Combine(Value("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");
        var settings = new HubSettings
        {
            Endpoint = (Value("HF_ENDPOINT") ?? PublicEndpoint).TrimEnd('/'),
            Token = Value("HF_TOKEN") ?? Value("HUGGING_FACE_HUB_TOKEN") ?? TokenIn(Value("HF_TOKEN_PATH") ?? Path.Combine(home, "token")),
            CacheFolder = Path.GetFullPath(Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Offline = IsTrue(Value("HF_HUB_OFFLINE")) || IsTrue(Value("TRANSFORMERS_OFFLINE")),
        };
        settings.Validate();
        return settings;

        string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } text ? Expand(text) : null;
    }

    internal void Validate()
    {
        if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new OptionsException($"HF_ENDPOINT: '{Endpoint}' is no address of a hub. Give one as {PublicEndpoint}, with no user name in it, or leave the variable unset.");
        // What is wrong with a token is said without the token.
        if (Token is not null && Token.Any(c => c is <= ' ' or > '~'))
            throw new OptionsException("HF_TOKEN: holds characters that no token has (blanks, line ends or letters outside ASCII). Set it again, or unset it.");
    }

    private static string Expand(string text)
        => text == "~" || text.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), text[1..]) : text;

    private static string? TokenIn(string file)
    {
        try { return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new OptionsException($"{file}: The file with the hub's token cannot be read: {e.Message} Set HF_TOKEN instead, or make the file readable."); }
    }

    private static bool IsTrue(string? text) => text?.ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON";
}
