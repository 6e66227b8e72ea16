namespace Attune.Hub;

/// <summary>What is downloaded of a repository, and where to.</summary>
public sealed record HubPullOptions
{
    /// <summary>Branch, tag or commit. Default null: <c>main</c>.</summary>
    public string? Revision { get; init; }

    /// <summary>Also take <c>model.onnx</c> (in the root or <c>onnx/</c>, with its external data). Default false.</summary>
    public bool Onnx { get; init; }

    /// <summary>Take weights in pickle files (<c>pytorch_model.bin</c>) where a folder has no safetensors. Attune reads tensors from them and nothing else; other programs may run what is inside. Default false.</summary>
    public bool AllowPickle { get; init; }

    /// <summary>A plain folder that receives a copy of the files. Default null: the cache only.</summary>
    public string? LocalFolder { get; init; }

    /// <summary>Replace files in <see cref="LocalFolder"/> that differ. Default false: they are refused.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Receives progress; null for none. Called often.</summary>
    public Action<HubProgress>? Progress { get; init; }

    /// <summary>Receives what a user should know: a retry, a wait, a file without a checksum; null for none.</summary>
    public Action<string>? Note { get; init; }
}
