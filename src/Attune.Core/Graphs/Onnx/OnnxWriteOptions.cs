namespace Attune.Graphs.Onnx;

/// <summary>How an ONNX file is written.</summary>
public sealed record OnnxWriteOptions
{
    /// <summary>Operator set of the file, 17 to 23. Default 21. Newer operators are written as their function bodies.</summary>
    public int Opset { get; init; } = 21;

    /// <summary>Where weights lie outside the file; null (default) puts all bytes into it, which works up to 2 GB.</summary>
    public OnnxExternalData? ExternalData { get; init; }

    /// <summary>Keeps Dropout nodes, which do nothing when predicting, so that the file can be trained further. Default false.</summary>
    public bool KeepDropout { get; init; }

    /// <summary>Metadata beside the graph's own; wins where both have a key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>Weights as byte ranges of another file in the model's folder, such as model.safetensors (see <see cref="Weights.SafetensorsWriter.Write"/>).</summary>
/// <param name="File">Name of the file, without folder.</param>
/// <param name="Ranges">Canonical weight name → offset and length in that file; weights that are not listed stay in the ONNX file.</param>
public sealed record OnnxExternalData(string File, IReadOnlyDictionary<string, (long Offset, long Length)> Ranges);
