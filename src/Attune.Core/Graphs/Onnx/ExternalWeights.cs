namespace Attune.Graphs.Onnx;

/// <summary>Weights of a model that exceeds 2 GB, in a file beside it. Each starts at a multiple of 4096 bytes, so that it can be mapped; those below 1 KB stay in the model.</summary>
internal static class ExternalWeights
{
    private const long Alignment = 4096, Smallest = 1024;

    /// <summary>Writes <c>NAME.onnx.data</c>, whole or not at all, and says where each weight lies.</summary>
    public static OnnxExternalData Write(Graph graph, string path)
    {
        var ranges = new Dictionary<string, (long Offset, long Length)>(StringComparer.Ordinal);
        long end = 0;
        foreach (var weight in graph.Weights.All.Where(w => w.Value.Data.ByteLength >= Smallest))
        {
            var start = (end + Alignment - 1) / Alignment * Alignment;
            ranges.Add(weight.Name, (start, weight.Value.Data.ByteLength));
            end = start + weight.Value.Data.ByteLength;
        }
        AtomicFile.Write(path + ".data", stream =>
        {
            long at = 0;
            foreach (var (name, (start, length)) in ranges)
            {
                stream.Write(new byte[start - at]);
                graph.Weights[name].Value.Data.WriteTo(stream);
                at = start + length;
            }
        });
        return new OnnxExternalData(Path.GetFileName(path) + ".data", ranges);
    }
}
