namespace Attune.Graphs.Onnx;

/// <summary>How far <see cref="OnnxReader"/> rewrites what it reads.</summary>
public sealed record OnnxReadOptions
{
    /// <summary>Everything that makes a file from elsewhere trainable: dequantized, fp32, fused, with a symbolic batch axis where possible.</summary>
    public static OnnxReadOptions ForTraining { get; } = new() { ToFloat = true, Fuse = true, SymbolicBatch = true };

    /// <summary>Quantized operators become the fp32 ones they stand for; metadata say so. Default true; false keeps QuantizeLinear and DequantizeLinear, and refuses the others.</summary>
    public bool Dequantize { get; init; } = true;

    /// <summary>A float16, bfloat16 or double graph becomes fp32; metadata keep the type. Default false: the file's own types.</summary>
    public bool ToFloat { get; init; }

    /// <summary>Operators that the exporter wrote out are put back (see <see cref="Rewrites.PatternFusion"/>). Default false: the file's own nodes.</summary>
    public bool Fuse { get; init; }

    /// <summary>Frees a fixed batch axis (see <see cref="Rewrites.BatchAxis"/>, which also says why it could not). Default false: the file's own shapes.</summary>
    public bool SymbolicBatch { get; init; }
}
