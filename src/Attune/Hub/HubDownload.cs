using System.Text.Json;

namespace Attune.Hub;

/// <summary>One pull: asks what a revision holds, chooses, and brings file after file into the cache.</summary>
internal sealed class HubDownload(HubSettings settings, HubConnection connection, HubBackOff backOff, HubReference reference, HubPullOptions options, CancellationToken stop)
{
    private readonly HubCache _cache = new(settings);
    private readonly Dictionary<string, HubFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long?> _sizes = new(StringComparer.Ordinal);
    private HubRepository _repository = null!;
    private string _folder = null!;
    private List<string> _wanted = [];

    public HubPull Run()
    {
        var revision = reference.Revision ?? HubReference.DefaultRevision;
        _repository = ReadRepository(revision);
        _folder = _cache.SnapshotFolder(reference, _repository.Commit);
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        _wanted = Choose(reasons);
        foreach (var name in _wanted.Where(n => !HubSelection.IsWeights(n))) Fetch(name);
        AddShards(reasons);
        foreach (var name in _wanted.Where(HubSelection.IsWeights)) Fetch(name);
        HubDisk.Run(settings.CacheFolder, () => _cache.WriteReference(reference, revision, _repository.Commit));
        return new HubPull(new HubSnapshot(reference.Repository, revision, _repository.Commit, _folder), _folder, [.. _repository.Files.Where(f => _files.ContainsKey(f.Name)).Select(f => _files[f.Name])],
            [.. _repository.Files.Where(f => reasons.ContainsKey(f.Name)).Select(f => new HubLeftOut(f.Name, reasons[f.Name]))]);
    }

    private HubRepository ReadRepository(string revision)
    {
        var uri = connection.At($"api/models/{reference.Repository}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        return backOff.Run(() =>
        {
            using var response = connection.Send(HttpMethod.Get, uri, 0, stop);
            if (!response.IsSuccessStatusCode) throw HubErrors.Of(response, settings, reference, file: null);
            return HubRepository.Parse(ReadAll(response), HubConnection.Shown(uri));
        }, null, stop);
    }

    private List<string> Choose(Dictionary<string, string> reasons)
    {
        var names = _repository.Files.Select(f => f.Name).ToList();
        foreach (var file in _repository.Files) _sizes[file.Name] = file.Bytes;
        var modules = new HashSet<string>(StringComparer.Ordinal);
        if (names.Contains("modules.json"))
        {
            _wanted = ["modules.json"];
            Fetch("modules.json");
            modules.UnionWith(ReadJson("modules.json", root => [.. root.EnumerateArray().Select(m => m.TryGetProperty("path", out var path) ? path.GetString()?.Trim('/') ?? "" : "")]));
        }
        var chosen = HubSelection.Choose(names, options, modules, reasons);
        var pickles = HubSelection.PickleOnly(names, modules);
        if (pickles.Count > 0 && !options.AllowPickle && !chosen.Any(n => n.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)))
            throw new OptionsException($"{reference.Repository}: These weights are there as pickle files only: {NearestName.Preview(pickles)}. Such files can hold code; Attune reads tensors from them and nothing else, other programs may run it. Take them with --allow-pickle, or name a revision that has safetensors (the hub's own conversion is often refs/pr/1).");
        if (!chosen.Any(HubSelection.IsWeights)) options.Note?.Invoke($"{reference.Repository} has no weights that Attune can load{(names.Any(n => n.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) ? " but ONNX files, which --onnx takes" : "; its other files are taken")}.");
        return chosen;
    }

    /// <summary>Demands the files that an index of shards names, and no others of the kind.</summary>
    private void AddShards(Dictionary<string, string> reasons)
    {
        foreach (var index in _wanted.Where(n => n.EndsWith(".safetensors.index.json", StringComparison.Ordinal) || n.EndsWith(".bin.index.json", StringComparison.Ordinal)).ToList())
        {
            var folder = HubSelection.FolderOf(index);
            var shards = ReadJson(index, root => [.. root.GetProperty("weight_map").EnumerateObject().Select(w => w.Value.GetString() ?? "").Distinct(StringComparer.Ordinal)]);
            foreach (var shard in shards)
            {
                var name = folder.Length == 0 ? shard : $"{folder}/{shard}";
                if (!_sizes.ContainsKey(name) || !HubSelection.IsWeights(name))
                    throw new DataFormatException($"{settings.Endpoint}/{reference.Repository}", null, null, $"{index} names the shard '{HubFileName.Shown(shard)}', which {(_sizes.ContainsKey(name) ? "holds no weights" : "the repository does not have")}. Name another revision with --revision, or tell the repository's owner.");
                if (_wanted.Contains(name)) continue;
                _wanted.Add(name);
                reasons.Remove(name);
            }
        }
    }

    private List<string> ReadJson(string name, Func<JsonElement, List<string>> read)
    {
        var file = HubFileName.Below(_folder, name);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DataFormatException($"{settings.Endpoint}/{reference.Repository}/{name}", null, null, $"The file is not what its name says: {e.Message} Name another revision with --revision, or tell the repository's owner.");
        }
    }

    private void Fetch(string name)
    {
        if (_files.ContainsKey(name)) return;
        stop.ThrowIfCancellationRequested();
        var pointer = HubFileName.Below(_folder, name);
        if (IsWhole(pointer, _sizes[name]))
        {
            Keep(name, pointer, 0);
            return;
        }
        var uri = connection.At($"{reference.Repository}/resolve/{_repository.Commit}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}");
        var head = HubFileHead.Read(connection, backOff, uri, response => HubErrors.Of(response, settings, reference, name), stop);
        head.Check(HubConnection.Shown(uri), _repository.Commit, _repository.Files.First(f => f.Name == name));
        var bytes = _sizes[name] = head.Bytes ?? _sizes[name];
        using var taken = HubDisk.Run(settings.CacheFolder, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_cache.Blob(reference, head.Etag))!);
            return HubLock.Take(_cache.Lock(reference, head.Etag), () => options.Note?.Invoke($"Another program is downloading {name}; waiting for it."), stop);
        });
        // Whoever had the lock may have brought it.
        Keep(name, pointer, IsWhole(pointer, bytes) ? 0 : Bring(name, uri, head, bytes, pointer));
    }

    /// <summary>Downloads a blob unless it is here, checks it, and puts it into the snapshot.</summary>
    /// <returns>Bytes that came over the network.</returns>
    private long Bring(string name, Uri uri, HubFileHead head, long? bytes, string pointer)
    {
        var blob = _cache.Blob(reference, head.Etag);
        if (IsWhole(blob, bytes))
        {
            HubDisk.Run(settings.CacheFolder, () => _cache.Place(blob, pointer, fresh: false));
            return 0;
        }
        var incomplete = blob + ".incomplete";
        var transfer = new HubTransfer(connection, uri, incomplete, bytes)
        {
            Refused = response => HubErrors.Of(response, settings, reference, name),
            Arrived = here => options.Progress?.Invoke(Progress(name, here)),
        };
        transfer.Run(backOff, stop);
        Verify(name, uri, head, incomplete);
        HubDisk.Run(settings.CacheFolder, () =>
        {
            File.Move(incomplete, blob, overwrite: true);
            _cache.Place(blob, pointer, fresh: true);
        });
        return transfer.Received;
    }

    private void Verify(string name, Uri uri, HubFileHead head, string incomplete)
    {
        if (head.Checksum is not { } expected)
        {
            options.Note?.Invoke($"The server gives no checksum of {name}; only its length was checked.");
            return;
        }
        var found = HubDisk.Run(settings.CacheFolder, () => HubChecksum.Of(incomplete, expected));
        if (found == expected) return;
        HubDisk.Run(settings.CacheFolder, () => File.Delete(incomplete));
        throw new DataFormatException(HubConnection.Shown(uri), null, null, $"The checksum is {found} instead of {expected}, so these are not the file's bytes. The file was removed. Run the command again; if it happens again, a proxy or the server (HF_ENDPOINT) changes files.");
    }

    private HubProgress Progress(string name, long here)
    {
        var before = _files.Values.Sum(f => f.Bytes);
        return new HubProgress(name, before + here, _wanted.All(n => _sizes[n] is not null) ? _wanted.Sum(n => _sizes[n]) : null);
    }

    private void Keep(string name, string pointer, long received)
    {
        var bytes = HubDisk.Length(pointer);
        _files[name] = new HubFile(name, bytes, received);
        _sizes[name] = bytes;
    }

    // A file that another program left cut short is fetched again.
    private static bool IsWhole(string path, long? bytes) => HubDisk.HasBytes(path) && (bytes is null || HubDisk.Length(path) == bytes);

    private static byte[] ReadAll(HttpResponseMessage response)
    {
        const int Most = 64 << 20;
        try
        {
            using var memory = new MemoryStream();
            var body = response.Content.ReadAsStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = body.Read(buffer)) > 0;)
            {
                if (memory.Length + read > Most) throw new DataFormatException(response.RequestMessage!.RequestUri!.Host, null, null, "The server's list of files is longer than 64 MB. Check HF_ENDPOINT.");
                memory.Write(buffer, 0, read);
            }
            return memory.ToArray();
        }
        catch (Exception e) when (e is IOException or HttpRequestException) { throw new HubUnreachable($"The connection to {response.RequestMessage!.RequestUri!.Host} broke.", inner: e); }
    }
}
