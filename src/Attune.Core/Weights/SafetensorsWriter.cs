using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Attune.Graphs;

namespace Attune.Weights;

/// <summary>
/// Writes safetensors files: whole or not at all, the same bytes for the same content. Tensors stand largest element first, then by name,
/// and the data starts at a multiple of 8 bytes, so every tensor is aligned and can be mapped.
/// </summary>
public static class SafetensorsWriter
{
    private static readonly JsonWriterOptions _json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the store's tensors under their canonical names; aliases are not repeated.</summary>
    /// <returns>Where each tensor's bytes lie in the file, by canonical name: offset from the start of the file, and length.</returns>
    /// <exception cref="WeightsException">A tensor has an element type that safetensors does not know, or the name <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing was changed.</exception>
    public static IReadOnlyDictionary<string, (long Offset, long Length)> Write(string path, WeightStore weights, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = weights.All.OrderByDescending(w => w.Value.Type.Bits()).ThenBy(w => w.Name, StringComparer.Ordinal).ToList();
        foreach (var weight in ordered) Check(weight);
        var header = Header(ordered, metadata);
        var ranges = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        long offset = 8 + header.Length;
        foreach (var weight in ordered)
        {
            ranges.Add(weight.Name, (offset, weight.Value.Data.ByteLength));
            offset += weight.Value.Data.ByteLength;
        }
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var weight in ordered) weight.Value.Data.WriteTo(stream);
        });
        return ranges;
    }

    private static void Check(Weight weight)
    {
        if (SafetensorsTypes.NameOf(weight.Value.Type) is null)
            throw new WeightsException($"Weight '{weight.Name}' has element type {weight.Value.Type}, which safetensors cannot hold ({string.Join(", ", SafetensorsTypes.Names)}).");
        if (weight.Name == "__metadata__") throw new WeightsException("A weight cannot be called '__metadata__'; safetensors keeps this name for metadata.");
    }

    private static byte[] Header(List<Weight> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, _json))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long start = 0;
            foreach (var weight in ordered) WriteEntry(json, weight, ref start);
            json.WriteEndObject();
        }
        var header = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        header.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header);
        if (header.Length > SafetensorsReader.MaxHeaderLength) throw new WeightsException($"The header of {ordered.Count} weights exceeds {SafetensorsReader.MaxHeaderLength} bytes.");
        return header;
    }

    private static void WriteEntry(Utf8JsonWriter json, Weight weight, ref long start)
    {
        json.WriteStartObject(weight.Name);
        json.WriteString("dtype", SafetensorsTypes.NameOf(weight.Value.Type));
        json.WriteStartArray("shape");
        foreach (var size in weight.Value.Sizes) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(start += weight.Value.Data.ByteLength);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
