namespace Attune.Graphs.Onnx;

/// <summary>How an ONNX file is written.</summary>
public sealed record OnnxWriteOptions
{
    /// <summary>Operator set of the file, 17 to 23. Default 21. Newer operators are written as their function bodies.</summary>
    public int Opset { get; init; } = 21;

    /// <summary>
    /// Where weights lie outside the file. Null (default) puts all bytes into it; a model over 2 GB, the limit of the format, gets its weights written
    /// to <c>NAME.onnx.data</c> beside it instead.
    /// </summary>
    public OnnxExternalData? ExternalData { get; init; }

    /// <summary>Keeps Dropout nodes, which do nothing when predicting, so that the file can be trained further. Default false.</summary>
    public bool KeepDropout { get; init; }

    /// <summary>Folds BatchNormalization into the Conv, ConvTranspose or Gemm before it, for files that only predict. Default false.</summary>
    public bool FoldBatchNorm { get; init; }

    /// <summary>
    /// Float (default) writes the graph's own types; Float16 writes fp32 weights and activations as float16, half the size, with softmax, large sums and
    /// normalisations left in fp32 between Casts; Int8 writes matrix products over 8-bit integers (<see cref="Rewrites.Int8Conversion"/>), about a quarter of the size.
    /// </summary>
    public DataType Type { get; init; } = DataType.Float;

    /// <summary>With <see cref="Type"/> Float16: also declares inputs and outputs as float16. Default false: callers go on giving and getting fp32.</summary>
    public bool Float16Boundary { get; init; }

    /// <summary>Bytes beyond which weights go to a file of their own; tests lower it.</summary>
    internal long InlineLimit { get; init; } = int.MaxValue;

    /// <summary>Metadata beside the graph's own; wins where both have a key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>Weights as byte ranges of another file in the model's folder, such as model.safetensors (see <see cref="Weights.SafetensorsWriter.Write"/>).</summary>
/// <param name="File">Name of the file, without folder.</param>
/// <param name="Ranges">Canonical weight name → offset and length in that file; weights that are not listed stay in the ONNX file.</param>
public sealed record OnnxExternalData(string File, IReadOnlyDictionary<string, (long Offset, long Length)> Ranges);
