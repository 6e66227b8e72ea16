using System.Text;
using Attune.Hub;

namespace Attune.Tests.Hub;

/// <summary>Pulling from a server on the loopback.</summary>
public sealed class HubClientTests
{
    [Fact]
    public void A_model_comes_into_the_standard_layout_and_a_second_pull_downloads_nothing()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var settings = server.Settings(folder);
        var pull = new HubClient(settings).Get("org/name");
        Assert.Equal(["config.json", "vocab.txt", "1_Pooling/config.json", "model.safetensors"], pull.Files.Select(f => f.Name));
        Assert.Equal(pull.Bytes, pull.Received);
        Assert.Equal(HubServer.Bytes(300_000), File.ReadAllBytes(Path.Combine(pull.Folder, "model.safetensors")));
        var repository = Path.Combine(settings.CacheFolder, "models--org--name");
        Assert.Equal(server.Commit, File.ReadAllText(Path.Combine(repository, "refs", "main")));
        Assert.Equal(Path.Combine(repository, "snapshots", server.Commit), pull.Folder);
        Assert.Equal(new[] { "config.json", "vocab.txt", "1_Pooling/config.json", "model.safetensors" }.Select(server.EtagOf).Order(), Directory.GetFiles(Path.Combine(repository, "blobs")).Select(f => Path.GetFileName(f)!).Order());
        Assert.Equal(Path.Combine("..", "..", "..", "blobs", server.EtagOf("1_Pooling/config.json")), new FileInfo(Path.Combine(pull.Folder, "1_Pooling", "config.json")).LinkTarget);
        Assert.Equal(pull.Folder, new HubCache(settings).Find("org/name")!.Folder);

        var before = server.Requests.Count;
        var again = new HubClient(settings).Get("org/name");
        Assert.Equal(0, again.Received);
        Assert.Equal(before + 1, server.Requests.Count);   // the revision alone
    }

    [Fact]
    public void A_cut_connection_is_continued_where_it_broke()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, before) => request.Storage && before < 2 ? server.Answer(request) with { CutAfter = 100_000 } : null;
        var time = new NoWaiting();
        var pull = new HubClient(server.Settings(folder), time).Get("org/name");
        Assert.Equal(["", "bytes=100000-", "bytes=200000-"], server.Requests.Where(r => r.Storage).Select(r => r.Headers.GetValueOrDefault("Range", "")));
        Assert.Equal(HubServer.Bytes(300_000), File.ReadAllBytes(Path.Combine(pull.Folder, "model.safetensors")));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], time.Waits);   // each attempt brought something
    }

    [Fact]
    public void What_an_earlier_process_left_is_continued_and_counted_once()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var settings = server.Settings(folder);
        var blob = Path.Combine(settings.CacheFolder, "models--org--name", "blobs", server.EtagOf("model.safetensors"));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        File.WriteAllBytes(blob + ".incomplete", HubServer.Bytes(300_000)[..250_000]);
        var pull = new HubClient(settings).Get("org/name");
        Assert.Equal(50_000, pull.Files.Single(f => f.Name == "model.safetensors").Received);
        Assert.Equal(HubServer.Bytes(300_000), File.ReadAllBytes(blob));
        Assert.False(File.Exists(blob + ".incomplete"));
    }

    [Fact]
    public void A_server_that_knows_no_ranges_sends_the_file_anew()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, before) => request.Storage && before == 0 ? server.Answer(request) with { CutAfter = 1000 } : request.Storage ? new HubAnswer(200, HubServer.Bytes(300_000)) : null;
        var pull = new HubClient(server.Settings(folder), new NoWaiting()).Get("org/name");
        Assert.Equal(HubServer.Bytes(300_000), File.ReadAllBytes(Path.Combine(pull.Folder, "model.safetensors")));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    public void A_wrong_checksum_is_refused_and_the_file_removed(string name)
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, _) =>
        {
            if (request.Method != "GET" || !request.Path.EndsWith("/" + name, StringComparison.Ordinal) || (name == "model.safetensors" && !request.Storage)) return null;
            byte[] body = [.. server.Answer(request).Body];
            body[^1] ^= 1;
            return new HubAnswer(200, body);
        };
        var settings = server.Settings(folder);
        var error = Assert.Throws<DataFormatException>(() => new HubClient(settings).Get("org/name"));
        server.Instead = null;
        Assert.Contains("instead of " + server.EtagOf(name), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(settings.CacheFolder, "*", SearchOption.AllDirectories), f => Path.GetFileName(f).StartsWith(server.EtagOf(name), StringComparison.Ordinal) && !f.EndsWith(".lock", StringComparison.Ordinal));
        Assert.Null(new HubCache(settings).Find("org/name"));   // refs/main is written last
        Assert.Equal(server.EtagOf(name), HubChecksum.Of(Path.Combine(new HubClient(settings).Get("org/name").Folder, name), server.EtagOf(name)));
    }

    [Fact]
    public void More_bytes_than_announced_are_refused()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, _) => request.Storage ? new HubAnswer(200, HubServer.Bytes(300_001)) : null;
        Assert.Contains("more than the 300,000 bytes", Assert.Throws<DataFormatException>(() => new HubClient(server.Settings(folder)).Get("org/name")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, null, null, "or it is private", "HF_TOKEN")]
    [InlineData(401, "RepoNotFound", null, "or it is private", "HF_TOKEN")]
    [InlineData(401, null, "hf_secret", "does not accept the token", "HF_TOKEN")]
    [InlineData(401, "GatedRepo", null, "accept its terms", "HF_TOKEN")]
    [InlineData(403, "GatedRepo", "hf_secret", "no access", "accept its terms")]
    [InlineData(403, null, "hf_secret", "no access", "accept its terms")]
    [InlineData(404, "RepoNotFound", null, "no such repository", "org/name")]
    [InlineData(404, "RevisionNotFound", null, "no revision 'main'", "/commits")]
    [InlineData(404, null, null, "no such repository", "org/name")]
    public void Refusals_say_what_to_do(int status, string? code, string? token, string expected, string cure)
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (_, _) => HubAnswer.Error(status, code);
        var error = Assert.Throws<OptionsException>(() => new HubClient(server.Settings(folder) with { Token = token }).Get("org/name"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(cure, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "hub")));
    }

    [Fact]
    public void A_gated_repository_may_list_its_files_and_refuse_them()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, _) => request.Path.Contains("/resolve/", StringComparison.Ordinal) ? HubAnswer.Error(401, "GatedRepo") : null;
        Assert.Contains("gated", Assert.Throws<OptionsException>(() => new HubClient(server.Settings(folder)).Get("org/name")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_revision_that_is_not_there_is_named()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        Assert.Contains("'v9'", Assert.Throws<OptionsException>(() => new HubClient(server.Settings(folder)).Get("org/name", new HubPullOptions { Revision = "v9" })).Message, StringComparison.Ordinal);
        var pull = new HubClient(server.Settings(folder)).Get("org/name@v1");
        Assert.Equal(server.Commit, pull.Snapshot.Commit);
        Assert.Null(new HubCache(server.Settings(folder)).Find("org/name"));
        Assert.Equal(pull.Folder, new HubCache(server.Settings(folder)).Find("org/name", "v1")!.Folder);
        Assert.Equal(pull.Folder, new HubCache(server.Settings(folder)).Find("org/name", server.Commit)!.Folder);
    }

    [Fact]
    public void The_token_goes_to_the_hub_and_to_nobody_else()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, _) => request.Path == "/api/models/org/old/revision/main" ? new HubAnswer(307, []).And("Location", "/api/models/org/name/revision/main")
            : request.Path.StartsWith("/org/old/", StringComparison.Ordinal) ? new HubAnswer(307, []).And("Location", "/org/name/" + request.Path["/org/old/".Length..]) : null;
        new HubClient(server.Settings(folder) with { Token = "hf_secret" }).Get("org/old");
        Assert.Contains(server.Requests, r => r.Storage);
        Assert.All(server.Requests, r => Assert.Equal(!r.Storage, r.Headers.GetValueOrDefault("Authorization") == "Bearer hf_secret"));
        Assert.DoesNotContain(server.Requests, r => r.Storage && r.Method == "HEAD");
    }

    [Fact]
    public void Busy_servers_are_asked_again_and_again_and_then_no_more()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, before) => (before, request.Path.StartsWith("/api/", StringComparison.Ordinal)) switch
        {
            (0, true) => HubAnswer.Error(429, null).And("Retry-After", "7"),
            (1, true) => HubAnswer.Error(503, null),
            (2, true) => new HubAnswer(200, HubServer.Bytes(100)) { CutAfter = 10 },
            _ => null,
        };
        var (time, notes) = (new NoWaiting(), new List<string>());
        new HubClient(server.Settings(folder), time).Get("org/name", new HubPullOptions { Note = notes.Add });
        Assert.Equal([7, 2, 4], time.Waits.Select(w => (int)w.TotalSeconds));
        Assert.Equal(3, notes.Count);

        server.Instead = (_, _) => HubAnswer.Error(500, null);
        var error = Assert.Throws<IOException>(() => new HubClient(server.Settings(folder), new NoWaiting()).Get("org/name"));
        Assert.Contains("5 attempts failed", error.Message, StringComparison.Ordinal);
        server.Instead = (_, _) => HubAnswer.Error(429, null).And("Retry-After", "3600");
        Assert.Contains("longer than five minutes", Assert.Throws<IOException>(() => new HubClient(server.Settings(folder), new NoWaiting()).Get("org/name")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreachable_server_is_told_with_what_to_check()
    {
        using var folder = TestFiles.Folder();
        HubSettings settings;
        using (var server = new HubServer()) settings = server.Settings(folder);
        Assert.Contains("HF_ENDPOINT", Assert.Throws<IOException>(() => new HubClient(settings, new NoWaiting()).Get("org/name")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_in_the_middle_of_a_file_counts_as_broken()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        using var released = new ManualResetEventSlim();
        server.Instead = (request, before) =>
        {
            if (!request.Storage || before > 0) return null;
            released.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        new HubClient(server.Settings(folder) with { Timeout = TimeSpan.FromMilliseconds(300) }, new NoWaiting()).Get("org/name");
        released.Set();
        Assert.Equal(2, server.Requests.Count(r => r.Storage));
    }

    [Theory]
    [InlineData("../evil.json")]
    [InlineData("a/../../evil.json")]
    [InlineData("/etc/evil.json")]
    [InlineData("C:/evil.json")]
    [InlineData("..\\evil.json")]
    [InlineData("a/.. /evil.json")]
    [InlineData("a//evil.json")]
    [InlineData("evil\0.json")]
    [InlineData("")]
    [InlineData(".")]
    public void Names_that_lead_out_of_the_folder_are_refused_before_anything_is_downloaded(string name)
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.AlsoNamed.Add(name);
        Assert.Contains("Do not trust", Assert.Throws<DataFormatException>(() => new HubClient(server.Settings(folder)).Get("org/name")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("ETag", "\"../../evil\"")]
    [InlineData("ETag", "\"..\"")]
    [InlineData("X-Repo-Commit", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")]
    public void Headers_that_cannot_be_right_are_refused(string header, string value)
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        server.Instead = (request, _) => request.Method == "HEAD" ? server.Answer(request).And(header, value) : null;
        Assert.Throws<DataFormatException>(() => new HubClient(server.Settings(folder)).Get("org/name"));
    }

    [Theory]
    [InlineData("<html>Log in</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("""{"sha":"../x","siblings":[]}""")]
    [InlineData("""{"sha":1,"siblings":[]}""")]
    [InlineData("""{"sha":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","siblings":{}}""")]
    [InlineData("""{"sha":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","siblings":[1]}""")]
    [InlineData("""{"sha":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","siblings":[{"rfilename":"a.json"},{"rfilename":"a.json"}]}""")]
    public void Answers_of_other_programs_are_refused(string answer)
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer();
        server.Instead = (_, _) => new HubAnswer(200, System.Text.Encoding.UTF8.GetBytes(answer));
        Assert.Contains("HF_ENDPOINT", Assert.Throws<DataFormatException>(() => new HubClient(server.Settings(folder)).Get("org/name")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Redirects_without_end_are_refused()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer();
        server.Instead = (request, _) => new HubAnswer(302, []).And("Location", request.Path);
        Assert.Contains("redirects more than", Assert.Throws<IOException>(() => new HubClient(server.Settings(folder)).Get("org/name")).Message, StringComparison.Ordinal);
        server.Instead = (_, _) => new HubAnswer(302, []).And("Location", "file:///etc/passwd");
        Assert.Contains("file:", Assert.Throws<IOException>(() => new HubClient(server.Settings(folder)).Get("org/name")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pulls_at_the_same_time_share_one_download()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel(3_000_000);
        var pulls = new HubPull[4];
        using var asked = new CountdownEvent(pulls.Length);   // the bytes come when all four want them
        server.Instead = (request, _) =>
        {
            if (request.Method == "HEAD" && request.Path.EndsWith("model.safetensors", StringComparison.Ordinal) && !asked.IsSet) asked.Signal();
            if (request.Storage) asked.Wait(TimeSpan.FromSeconds(8));
            return null;
        };
        var threads = Enumerable.Range(0, pulls.Length).Select(i => new Thread(() => pulls[i] = new HubClient(server.Settings(folder)).Get("org/name"))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.All(pulls, p => Assert.Equal(HubServer.Bytes(3_000_000), File.ReadAllBytes(Path.Combine(p.Folder, "model.safetensors"))));
        Assert.Equal(1, server.Requests.Count(r => r.Storage));
        Assert.Equal(3_000_000, pulls.Sum(p => p.Files.Single(f => f.Name == "model.safetensors").Received));
    }

    [Fact]
    public void A_stopped_pull_keeps_what_is_here_and_goes_on_later()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel(3_000_000);
        using var stop = new CancellationTokenSource();
        var options = new HubPullOptions
        {
            Progress = p =>
            {
                if (p.File == "model.safetensors" && p.Bytes > 1_000_000) stop.Cancel();
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => new HubClient(server.Settings(folder)).Pull("org/name", options, stop.Token));
        Assert.Null(new HubCache(server.Settings(folder)).Find("org/name"));
        var pull = new HubClient(server.Settings(folder)).Get("org/name");
        Assert.InRange(pull.Files.Single(f => f.Name == "model.safetensors").Received, 1, 2_000_000);
        Assert.Equal(HubServer.Bytes(3_000_000), File.ReadAllBytes(Path.Combine(pull.Folder, "model.safetensors")));
    }

    [Fact]
    public void Progress_counts_all_bytes_once()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var seen = new List<HubProgress>();
        var pull = new HubClient(server.Settings(folder)).Get("org/name", new HubPullOptions { Progress = seen.Add });
        Assert.Equal(pull.Bytes, seen[^1].Bytes);
        Assert.Equal(pull.Bytes, seen[^1].TotalBytes);
        Assert.Equal(seen.Select(p => p.Bytes).Order(), seen.Select(p => p.Bytes));
    }

    [Fact]
    public void A_server_that_lists_names_alone_is_enough()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer { TellsBlobs = false }.WithModel();
        Assert.Equal(4, new HubClient(server.Settings(folder)).Get("org/name").Files.Count);
    }

    [Fact]
    public void A_damaged_blob_is_fetched_again()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var settings = server.Settings(folder);
        var file = Path.Combine(new HubClient(settings).Get("org/name").Folder, "model.safetensors");
        File.WriteAllBytes(file, HubServer.Bytes(1000));   // through the link
        Assert.Equal(300_000, new HubClient(settings).Get("org/name").Received);
        Assert.Equal(HubServer.Bytes(300_000), File.ReadAllBytes(file));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_told_with_the_cure()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var blocked = folder.Write("file", "no folder");
        var error = Assert.Throws<IOException>(() => new HubClient(server.Settings(folder) with { CacheFolder = Path.Combine(blocked, "hub") }).Get("org/name"));
        Assert.Contains("HF_HUB_CACHE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_keeps_what_was_there_and_says_so()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var settings = server.Settings(folder);
        var blobs = Path.Combine(settings.CacheFolder, "models--org--name", "blobs");
        Directory.CreateDirectory(blobs);
        File.CreateSymbolicLink(Path.Combine(blobs, server.EtagOf("model.safetensors") + ".incomplete"), "/dev/full");
        var error = Assert.Throws<IOException>(() => new HubClient(settings).Get("org/name"));
        Assert.Contains("Free disk space", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(blobs, server.EtagOf("config.json"))));
    }

    [Fact]
    public void Offline_asks_nobody()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var settings = server.Settings(folder);
        Assert.Contains("HF_HUB_OFFLINE", Assert.Throws<OptionsException>(() => new HubClient(settings with { Offline = true }).Get("org/name")).Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        var pull = new HubClient(settings).Get("org/name");
        var before = server.Requests.Count;
        var offline = new HubClient(settings with { Offline = true }).Get("org/name");
        Assert.Equal(before, server.Requests.Count);
        Assert.Equal(pull.Files.Select(f => (f.Name, f.Bytes)).Order(), offline.Files.Select(f => (f.Name, f.Bytes)));
    }

    [Fact]
    public void A_local_folder_gets_plain_copies_and_other_files_are_not_overwritten()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var target = Path.Combine(folder.Path, "plain");
        var options = new HubPullOptions { LocalFolder = target };
        var pull = new HubClient(server.Settings(folder)).Get("org/name", options);
        Assert.Equal(target, pull.Folder);
        Assert.All(pull.Files, f => Assert.Null(new FileInfo(Path.Combine(target, f.Name)).LinkTarget));
        Assert.Equal(HubServer.Bytes(300_000), File.ReadAllBytes(Path.Combine(target, "model.safetensors")));
        new HubClient(server.Settings(folder)).Get("org/name", options);
        File.WriteAllText(Path.Combine(target, "config.json"), "[]");
        Assert.Contains("config.json", Assert.Throws<OptionsException>(() => new HubClient(server.Settings(folder)).Get("org/name", options)).Message, StringComparison.Ordinal);
        new HubClient(server.Settings(folder)).Get("org/name", options with { Overwrite = true });
        Assert.Equal("{}", File.ReadAllText(Path.Combine(target, "config.json")));
    }

    [Fact]
    public void Without_links_snapshots_hold_the_files_themselves()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var settings = server.Settings(folder) with { SymbolicLinks = false };
        var pull = new HubClient(settings).Get("org/name");
        Assert.All(pull.Files, f => Assert.Null(new FileInfo(Path.Combine(pull.Folder, f.Name)).LinkTarget));
        Assert.Empty(Directory.GetFiles(Path.Combine(settings.CacheFolder, "models--org--name", "blobs")));
        Assert.Equal(0, new HubClient(settings).Get("org/name").Received);
        Assert.Equal(HubServer.Bytes(300_000), File.ReadAllBytes(Path.Combine(pull.Folder, "model.safetensors")));
    }

    [Fact]
    public void A_new_commit_downloads_only_what_changed()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        var first = new HubClient(server.Settings(folder)).Get("org/name");
        server.Commit = new string('b', 40);
        server.With("config.json", "{\"a\":1}");
        var second = new HubClient(server.Settings(folder)).Get("org/name");
        Assert.Equal(7, second.Received);
        Assert.Equal("{}", File.ReadAllText(Path.Combine(first.Folder, "config.json")));
        Assert.Equal(second.Folder, new HubCache(server.Settings(folder)).Find("org/name")!.Folder);
    }
}
