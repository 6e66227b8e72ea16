using Attune.Hub;

namespace Attune.Tests.Hub;

/// <summary>The cache as Python writes it, settings of the environment, and names of models.</summary>
public sealed class HubCacheTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public void What_Python_downloaded_is_found()
    {
        using var folder = TestFiles.Folder();
        var (cache, snapshot) = AsPythonWritesIt(folder);
        Assert.Equal(new HubSnapshot("org/name", "main", Commit, snapshot), cache.Find("org/name"));
        Assert.Equal(snapshot, cache.Find("org/name", Commit)!.Folder);
        Assert.Equal(snapshot, cache.Find("org/name", "refs/pr/1")!.Folder);
        Assert.Equal(snapshot, cache.Find("org/name@refs/pr/1")!.Folder);
        Assert.Null(cache.Find("org/name", "v1"));
        Assert.Null(cache.Find("org/other"));
        Assert.Null(cache.Find("org/name", new string('f', 40)));
        Assert.Equal(snapshot, ModelPath.Resolve("org/name", cache));
    }

    [Fact]
    public void A_snapshot_without_bytes_and_a_damaged_reference_are_not_found()
    {
        using var folder = TestFiles.Folder();
        var (cache, _) = AsPythonWritesIt(folder);
        foreach (var blob in Directory.GetFiles(Path.Combine(cache.Folder, "models--org--name", "blobs"))) File.Delete(blob);
        Assert.Null(cache.Find("org/name"));
        File.WriteAllText(Path.Combine(cache.Folder, "models--org--name", "refs", "main"), "../../../..");
        Assert.Null(cache.Find("org/name"));
    }

    [Fact]
    public void What_Python_left_is_used_by_a_pull()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer { Commit = Commit }.With("config.json", "{}").With("model.safetensors", HubServer.Bytes(1000), large: true);
        AsPythonWritesIt(folder);
        var pull = new HubClient(server.Settings(folder)).Get("org/name");
        Assert.Equal([0L, 1000L], pull.Files.Select(f => f.Received));
    }

    [Theory]
    [InlineData("org")]
    [InlineData("a/b/c")]
    [InlineData("/org/name")]
    [InlineData("org/../name")]
    [InlineData("org/na me")]
    [InlineData("org/name--x")]
    [InlineData("-org/name")]
    [InlineData("org/.name")]
    [InlineData("org/name.git")]
    [InlineData("https://huggingface.co/org/name")]
    [InlineData("org/name@")]
    [InlineData("org/name@../../x")]
    [InlineData("org/name@a b")]
    [InlineData("org/naïve")]
    [InlineData("")]
    public void Names_that_no_repository_can_have_are_refused(string name)
    {
        if (name == "org") Assert.True(HubReference.TryParse(name, out _));   // the hub's oldest models have one word
        else Assert.Throws<OptionsException>(() => HubReference.Parse(name));
    }

    [Fact]
    public void A_revision_is_given_once() => Assert.Throws<OptionsException>(() => HubReference.Parse("org/name@v1", "v2"));

    [Fact]
    public void The_environment_says_where_things_are()
    {
        using var folder = TestFiles.Folder();
        Assert.Equal((HubSettings.PublicEndpoint, Path.Combine(Home, ".cache", "huggingface", "hub"), false), Of(Read(("HF_HOME", " "))));
        Assert.Equal(Path.Combine(folder.Path, "hub"), Read(("HF_HOME", folder.Path)).CacheFolder);
        Assert.Equal(Path.Combine(folder.Path, "x", "huggingface", "hub"), Read(("XDG_CACHE_HOME", Path.Combine(folder.Path, "x"))).CacheFolder);
        Assert.Equal(Path.Combine(Home, "cache"), Read(("HF_HOME", folder.Path), ("HF_HUB_CACHE", "~/cache")).CacheFolder);
        Assert.Equal("https://mirror.example", Read(("HF_ENDPOINT", "https://mirror.example/")).Endpoint);
        Assert.True(Read(("HF_HUB_OFFLINE", "yes")).Offline);
        Assert.False(Read(("HF_HUB_OFFLINE", "0")).Offline);
        folder.Write("token", "hf_file\n");
        Assert.Equal("hf_file", Read(("HF_HOME", folder.Path)).Token);
        Assert.Equal("hf_variable", Read(("HF_HOME", folder.Path), ("HF_TOKEN", "hf_variable")).Token);
        Assert.Null(Read(("HF_HOME", Path.Combine(folder.Path, "empty"))).Token);
        var error = Assert.Throws<OptionsException>(() => Read(("HF_TOKEN", "hf_sec ret")));
        Assert.DoesNotContain("ret", error.Message.Replace("retry", "", StringComparison.Ordinal), StringComparison.Ordinal);
        foreach (var wrong in new[] { "huggingface.co", "ftp://x.example", "https://user:word@x.example", "https://x.example/?a=1" }) Assert.Throws<OptionsException>(() => Read(("HF_ENDPOINT", wrong)));
    }

    [Fact]
    public void A_model_is_a_path_first_then_a_snapshot_and_else_an_error_that_says_how_to_get_it()
    {
        using var folder = TestFiles.Folder();
        var cache = new HubCache(new HubSettings { CacheFolder = folder.Path });
        Assert.Equal(folder.Path, ModelPath.Resolve(folder.Path, cache));
        foreach (var path in new[] { "nothing.onnx", "data/nothing.csv", "./runs/none", "/runs/none", "a/b/c" }) Assert.Equal(path, ModelPath.Resolve(path, cache));
        var error = Assert.Throws<OptionsException>(() => ModelPath.Resolve("org/name@v1", cache)).Message;
        Assert.Contains("attune pull org/name --revision v1", error, StringComparison.Ordinal);
        Assert.Contains("attune pull bert-base-uncased", Assert.Throws<OptionsException>(() => ModelPath.Resolve("bert-base-uncased", cache)).Message, StringComparison.Ordinal);
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static (string, string, bool) Of(HubSettings settings) => (settings.Endpoint, settings.CacheFolder, settings.Offline);

    private static HubSettings Read(params (string Name, string Value)[] variables) => HubSettings.FromEnvironment(name => variables.FirstOrDefault(v => v.Name == name).Value);

    // Names, link targets and contents as huggingface_hub's snapshot_download leaves them.
    private static (HubCache Cache, string Snapshot) AsPythonWritesIt(TemporaryFolder folder)
    {
        var cache = Path.Combine(folder.Path, "hub");
        var repository = Path.Combine(cache, "models--org--name");
        var snapshot = Path.Combine(repository, "snapshots", Commit);
        foreach (var sub in new[] { "blobs", "refs/refs/pr", $"snapshots/{Commit}/1_Pooling", $".no_exist/{Commit}" }) Directory.CreateDirectory(Path.Combine(repository, sub));
        Directory.CreateDirectory(Path.Combine(cache, ".locks", "models--org--name"));
        File.WriteAllText(Path.Combine(repository, "refs", "main"), Commit);
        File.WriteAllText(Path.Combine(repository, "refs", "refs", "pr", "1"), Commit);
        File.WriteAllText(Path.Combine(repository, ".no_exist", Commit, "adapter_config.json"), "");
        Link("config.json", "{}", "../../blobs/");
        Link("1_Pooling/config.json", "{\"word_embedding_dimension\":2}", "../../../blobs/");
        return (new HubCache(new HubSettings { CacheFolder = cache }), snapshot);

        void Link(string name, string text, string up)
        {
            var etag = HubServer.GitHash(System.Text.Encoding.UTF8.GetBytes(text));
            File.WriteAllText(Path.Combine(repository, "blobs", etag), text);
            File.WriteAllText(Path.Combine(cache, ".locks", "models--org--name", etag + ".lock"), "");
            File.CreateSymbolicLink(Path.Combine(snapshot, name), up + etag);
        }
    }
}
