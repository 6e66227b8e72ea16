using System.Text.RegularExpressions;

namespace Attune.Hub;

/// <summary>
/// Which files of a repository are worth having: configuration, tokenizer, model card and one copy of the weights, of the root and of module folders; only types that hold data and no code.
/// Whatever is not known to be safe is left out.
/// </summary>
internal static partial class HubSelection
{
    private const string Safetensors = "model.safetensors";

    private static readonly HashSet<string> Data = new([".json", ".txt", ".model", ".jinja", ".tiktoken", ".bpe", ".vocab", ".spm", ".md", ".safetensors"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> Plain = new(["LICENSE", "LICENCE", "NOTICE"], StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [".py"] = "code",
        [".sh"] = "code",
        [".ipynb"] = "code",
        [".pkl"] = "pickle: runs code when it is loaded",
        [".pickle"] = "pickle: runs code when it is loaded",
        [".pt"] = "pickle: runs code when it is loaded",
        [".pth"] = "pickle: runs code when it is loaded",
        [".ckpt"] = "pickle: runs code when it is loaded",
        [".joblib"] = "pickle: runs code when it is loaded",
        [".h5"] = "weights of another framework",
        [".msgpack"] = "weights of another framework",
        [".ot"] = "weights of another framework",
        [".tflite"] = "weights of another framework",
        [".gguf"] = "weights of another framework",
        [".mlmodel"] = "weights of another framework",
        [".xml"] = "weights of another framework",
    };

    /// <summary>Divides the names into those to download and those to leave.</summary>
    /// <param name="names">Of all files.</param>
    /// <param name="options">What the user asks for.</param>
    /// <param name="modules">Folders that modules.json names.</param>
    /// <param name="reasons">Receives why a file is left out.</param>
    public static List<string> Choose(IReadOnlyList<string> names, HubPullOptions options, IReadOnlySet<string> modules, Dictionary<string, string> reasons)
    {
        var onnx = options.Onnx ? Onnx(names) : [];
        var folders = names.GroupBy(FolderOf).ToDictionary(g => g.Key, g => g.Select(n => n[(g.Key.Length == 0 ? 0 : g.Key.Length + 1)..]).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var chosen = new List<string>();
        foreach (var name in names)
        {
            var reason = onnx.Contains(name) ? null : Reason(name, folders[FolderOf(name)], options, modules);
            if (reason is null) chosen.Add(name);
            else reasons[name] = reason;
        }
        return chosen;
    }

    /// <summary>Weights in pickle files that stand in for safetensors which are not there: the folder has no other weights.</summary>
    public static List<string> PickleOnly(IReadOnlyList<string> names, IReadOnlySet<string> modules)
        => [.. names.Where(n => IsPickleWeights(FileOf(n)) && IsModelFolder(FolderOf(n), modules) && !names.Any(o => FolderOf(o) == FolderOf(n) && o.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)))];

    /// <summary>Whether a file holds weights that Attune can load.</summary>
    public static bool IsWeights(string name) => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || IsPickleWeights(FileOf(name));

    /// <summary>The folder part of a name, without a slash at its end.</summary>
    public static string FolderOf(string name) => name.LastIndexOf('/') is var slash and >= 0 ? name[..slash] : "";

    private static string FileOf(string name) => name[(name.LastIndexOf('/') + 1)..];

    private static string? Reason(string name, HashSet<string> beside, HubPullOptions options, IReadOnlySet<string> modules)
    {
        var (file, extension) = (FileOf(name), Path.GetExtension(name));
        if (Known.TryGetValue(extension, out var why)) return why;
        if (extension.Equals(".onnx", StringComparison.OrdinalIgnoreCase) || file.Contains(".onnx_data", StringComparison.OrdinalIgnoreCase)) return "ONNX: only with --onnx";
        if (!IsModelFolder(FolderOf(name), modules)) return "in a folder that the model does not name";
        if (extension.Equals(".bin", StringComparison.OrdinalIgnoreCase) || file == "pytorch_model.bin.index.json") return Pickle(file, beside, options);
        if (!Data.Contains(extension) && !Plain.Contains(file)) return "not a type that is known to be safe";
        return Duplicate(file, beside) ? $"another copy of the weights in {Kept(beside)}" : null;
    }

    private static string? Pickle(string file, HashSet<string> beside, HubPullOptions options)
    {
        if (!IsPickleWeights(file) && file != "pytorch_model.bin.index.json") return "pickle: runs code when it is loaded";
        if (beside.Any(f => f.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))) return "the same weights are there as safetensors";
        if (!options.AllowPickle) return "pickle: only with --allow-pickle";
        return file != "pytorch_model.bin" && beside.Contains("pytorch_model.bin") && file.StartsWith("pytorch_model", StringComparison.Ordinal) ? "another copy of the weights in pytorch_model.bin" : null;
    }

    // model.fp16.safetensors, consolidated.safetensors and shards that stand beside the whole are copies; adapters and files of unknown names are not.
    private static bool Duplicate(string file, HashSet<string> beside)
    {
        if (file == Safetensors + ".index.json") return beside.Contains(Safetensors);
        if (!file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || file == Safetensors) return false;
        if (!beside.Contains(Safetensors) && !beside.Contains(Safetensors + ".index.json")) return false;
        return CopyOfWeights().IsMatch(file) && (beside.Contains(Safetensors) || !Shard().IsMatch(file));
    }

    private static string Kept(HashSet<string> beside) => beside.Contains(Safetensors) ? Safetensors : "the shards of " + Safetensors + ".index.json";

    private static HashSet<string> Onnx(IReadOnlyList<string> names)
    {
        var files = names.Where(n => FolderOf(n) is "" or "onnx" && n.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)).ToList();
        var plain = files.Where(n => FileOf(n) == "model.onnx").ToList();
        var taken = plain.Count > 0 ? plain : files;
        return [.. taken, .. names.Where(n => taken.Any(o => n.StartsWith(o + "_data", StringComparison.Ordinal) || n == o + ".data"))];
    }

    private static bool IsModelFolder(string folder, IReadOnlySet<string> modules) => folder.Length == 0 || ModuleFolder().IsMatch(folder) || modules.Contains(folder);

    private static bool IsPickleWeights(string file) => PickleWeights().IsMatch(file);

    // Folders of sentence-transformers: 1_Pooling, 2_Dense, query_0_StaticEmbedding.
    [GeneratedRegex(@"\A(?:\w+_)?\d+_\w+\z", RegexOptions.ECMAScript)]
    private static partial Regex ModuleFolder();

    [GeneratedRegex(@"\A(?:model|consolidated|pytorch_model)[.-].*safetensors\z")]
    private static partial Regex CopyOfWeights();

    [GeneratedRegex(@"\Amodel-\d+-of-\d+\.safetensors\z", RegexOptions.ECMAScript)]
    private static partial Regex Shard();

    // No other .bin: training_args.bin, optimizer.bin and the like hold objects, not tensors.
    [GeneratedRegex(@"\A(?:pytorch_model(?:-\d+-of-\d+)?|adapter_model)\.bin\z", RegexOptions.ECMAScript)]
    private static partial Regex PickleWeights();
}
