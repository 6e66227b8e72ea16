namespace Attune.Weights;

/// <summary>
/// Reads the tensors of a checkpoint: <c>.safetensors</c>, and PyTorch's <c>.pth</c>, <c>.pt</c>, <c>.bin</c>, <c>.ckpt</c> (zip since 1.6, and the older stream).
/// The format is told from the bytes, not from the name. No code of a file ever runs: pickles go through a machine that knows tensors only.
/// </summary>
public static class CheckpointReader
{
    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <exception cref="DataFormatException">The file is missing, damaged, of another format, or asks for something other than tensors.</exception>
    public static unsafe Checkpoint Read(string path)
    {
        var file = MappedFile.Open(path);
        if (file.Length < 8) throw new DataFormatException(path, null, null, $"A checkpoint is expected; this file has {file.Length} bytes.");
        var start = new ReadOnlySpan<byte>(file.Pointer, 8);
        if (start.StartsWith("PK\u0003\u0004"u8)) return TorchZip.Read(path, file.Length);
        if (start[0] == 0x80 && start[1] is >= 2 and <= 5) return TorchStream.Read(file);
        GC.KeepAlive(file);
        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || start[7] == 0)
        {
            var read = SafetensorsReader.Read(path);
            var (weights, prefix) = Checkpoint.Unwrap(read.Weights);
            return new Checkpoint(path, "safetensors", weights, prefix, read.Metadata);
        }
        throw new DataFormatException(path, null, null, "This is neither safetensors nor a PyTorch checkpoint (zip or pickle).");
    }
}
