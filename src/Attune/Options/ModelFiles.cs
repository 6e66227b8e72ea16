namespace Attune.Options;

/// <summary>What <c>model.path</c> can name.</summary>
internal enum ModelFileKind
{
    /// <summary>A run or model folder of Attune; also what does not exist, so that one place says so.</summary>
    AttuneFolder,

    /// <summary>An ONNX file.</summary>
    Onnx,

    /// <summary>Weights of an image network.</summary>
    Checkpoint,

    /// <summary>A Hugging Face folder of a text encoder.</summary>
    TextFolder,

    /// <summary>An adapter of PEFT beside such a folder.</summary>
    Adapter,
}

/// <summary>Tells files of models apart.</summary>
internal static class ModelFiles
{
    private static readonly string[] Checkpoints = [".safetensors", ".pth", ".pt", ".bin", ".ckpt"];

    /// <summary>The kind of a path, by name and by what lies in a folder.</summary>
    public static ModelFileKind KindOf(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return ModelFileKind.Onnx;
        if (Checkpoints.Any(c => path.EndsWith(c, StringComparison.OrdinalIgnoreCase))) return ModelFileKind.Checkpoint;
        if (!Directory.Exists(path) || File.Exists(Path.Combine(path, "model.json")) || File.Exists(Path.Combine(path, "run.json")) || Directory.Exists(Path.Combine(path, "model"))) return ModelFileKind.AttuneFolder;
        if (File.Exists(Path.Combine(path, "adapter_config.json"))) return ModelFileKind.Adapter;
        if (File.Exists(Path.Combine(path, "modules.json")) || Models.Text.TextConfig.ModelTypeOf(path) is { } type && Models.Text.TextCatalog.Names.Contains(type, StringComparer.Ordinal)) return ModelFileKind.TextFolder;
        return Directory.EnumerateFiles(path).Any(f => Checkpoints.Any(c => f.EndsWith(c, StringComparison.OrdinalIgnoreCase))) ? ModelFileKind.Checkpoint : ModelFileKind.AttuneFolder;
    }
}
