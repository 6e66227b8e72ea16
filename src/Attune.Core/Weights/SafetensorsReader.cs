using System.Text.Json;
using Attune.Graphs;

namespace Attune.Weights;

/// <summary>
/// Reads safetensors files over mapped memory, without copying aligned tensors. Everything the header claims is checked before it is believed:
/// length, strict JSON, duplicate names, types, shapes, offsets inside the file, no overlap and no hole.
/// </summary>
public static class SafetensorsReader
{
    /// <summary>Longest header accepted, as in the reference implementation (100 MB).</summary>
    public const long MaxHeaderLength = 100_000_000;

    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <exception cref="DataFormatException">The file is missing, truncated or not valid safetensors.</exception>
    public static SafetensorsFile Read(string path)
    {
        var file = MappedFile.Open(path);
        var (entries, metadata, dataStart) = new HeaderParser(file).Parse();
        var store = new WeightStore();
        foreach (var entry in entries)
        {
            var data = file.Elements(entry.Type, dataStart + entry.Start, entry.End - entry.Start, out _);
            store.Add(entry.Name, new Tensor(entry.Type, entry.Sizes, data), entry.Type.IsFloating() ? WeightRole.Parameter : WeightRole.Constant);
        }
        return new SafetensorsFile(store, metadata);
    }

    private sealed record Entry(string Name, DataType Type, long[] Sizes, long Start, long End);

    private sealed unsafe class HeaderParser(MappedFile file)
    {
        private readonly List<Entry> _entries = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

        public (List<Entry> Entries, Dictionary<string, string> Metadata, long DataStart) Parse()
        {
            var length = HeaderLength();
            try { ParseHeader(new ReadOnlySpan<byte>(file.Pointer + 8, (int)length)); }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw Bad($"The header is not valid JSON: {e.Message}", e);
            }
            GC.KeepAlive(file);
            CheckLayout(file.Length - 8 - length);
            return (_entries, _metadata, 8 + length);
        }

        private long HeaderLength()
        {
            if (file.Length < 8) throw Bad($"A safetensors file starts with an 8-byte header length; this file has {file.Length} bytes.");
            var length = *(ulong*)file.Pointer;
            if (length > MaxHeaderLength) throw Bad($"The header length field says {length} bytes; at most {MaxHeaderLength} are accepted.");
            if ((long)length > file.Length - 8) throw Bad($"The header length field says {length} bytes, but only {file.Length - 8} follow it. The file is truncated or not safetensors.");
            if (length < 2 || file.Pointer[8] != (byte)'{') throw Bad("The header does not start with '{'. This is not a safetensors file.");
            return (long)length;
        }

        private void ParseHeader(ReadOnlySpan<byte> json)
        {
            var reader = new Utf8JsonReader(json);
            Expect(ref reader, JsonTokenType.StartObject, "the header");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (!_names.Add(name)) throw Bad($"The name '{name}' occurs twice in the header.");
                if (name == "__metadata__") ParseMetadata(ref reader);
                else _entries.Add(ParseEntry(ref reader, name));
            }
            while (reader.Read()) { /* throws when anything but white space follows */ }
        }

        private void ParseMetadata(ref Utf8JsonReader reader)
        {
            Expect(ref reader, JsonTokenType.StartObject, "'__metadata__'");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                Expect(ref reader, JsonTokenType.String, $"metadata '{key}'");
                if (!_metadata.TryAdd(key, reader.GetString()!)) throw Bad($"The metadata key '{key}' occurs twice.");
            }
        }

        private Entry ParseEntry(ref Utf8JsonReader reader, string name)
        {
            Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
            string? type = null;
            long[]? sizes = null, offsets = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                var repeated = false;
                switch (key)
                {
                    case "dtype":
                        Expect(ref reader, JsonTokenType.String, $"the dtype of tensor '{name}'");
                        (repeated, type) = (type is not null, reader.GetString());
                        break;
                    case "shape":
                        (repeated, sizes) = (sizes is not null, Numbers(ref reader, $"the shape of tensor '{name}'"));
                        break;
                    case "data_offsets":
                        (repeated, offsets) = (offsets is not null, Numbers(ref reader, $"the data_offsets of tensor '{name}'"));
                        break;
                    default:
                        throw Bad($"Tensor '{name}' has an unknown field '{key}'; safetensors knows dtype, shape and data_offsets.");
                }
                if (repeated) throw Bad($"Tensor '{name}' has the field '{key}' twice.");
            }
            if (type is null || sizes is null || offsets is null)
                throw Bad($"Tensor '{name}' lacks its {(type is null ? "dtype" : sizes is null ? "shape" : "data_offsets")}.");
            return Check(name, type, sizes, offsets);
        }

        private Entry Check(string name, string typeName, long[] sizes, long[] offsets)
        {
            var type = SafetensorsTypes.Parse(typeName);
            if (type == DataType.Undefined) throw Bad($"Tensor '{name}' has the dtype '{typeName}', which does not exist. Known: {string.Join(", ", SafetensorsTypes.Names)}.");
            if (offsets.Length != 2 || offsets[1] < offsets[0]) throw Bad($"Tensor '{name}' has data_offsets [{string.Join(", ", offsets)}]; two ascending numbers were expected.");
            var shape = $"[{string.Join(", ", sizes)}]";
            long bytes;
            try { bytes = type.ByteLength(Tensor.Product(sizes)); }
            catch (Exception e) when (e is ArgumentException or OverflowException) { throw Bad($"Tensor '{name}' has shape {shape}, whose size overflows 64 bits.", e); }
            if (bytes != offsets[1] - offsets[0])
                throw Bad($"Tensor '{name}' with shape {shape} {typeName} needs {bytes} bytes; its data_offsets [{offsets[0]}, {offsets[1]}) give {offsets[1] - offsets[0]}.");
            return new Entry(name, type, sizes, offsets[0], offsets[1]);
        }

        private void CheckLayout(long dataLength)
        {
            long end = 0;
            Entry? last = null;
            foreach (var entry in _entries.OrderBy(e => e.Start).ThenBy(e => e.End))
            {
                if (entry.End > dataLength)
                    throw Bad($"Tensor '{entry.Name}' ends at byte {entry.End} of the data, but the file has only {dataLength} bytes of data. The file is truncated.");
                if (entry.Start < end)
                    throw Bad($"Tensors '{last!.Name}' [{last.Start}, {last.End}) and '{entry.Name}' [{entry.Start}, {entry.End}) overlap.");
                if (entry.Start > end) throw Bad($"Bytes [{end}, {entry.Start}) of the data belong to no tensor.");
                (end, last) = (entry.End, entry);
            }
            if (end < dataLength) throw Bad($"Bytes [{end}, {dataLength}) of the data belong to no tensor.");
        }

        private long[] Numbers(ref Utf8JsonReader reader, string what)
        {
            Expect(ref reader, JsonTokenType.StartArray, what);
            var numbers = new List<long>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                    throw Bad($"In {what}, item {numbers.Count} is not a whole number from 0 to 2^63-1.");
                numbers.Add(number);
            }
            return [.. numbers];
        }

        private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
        {
            if (!reader.Read() || reader.TokenType != type) throw Bad($"In the header, {what} should be a JSON {type}; found {reader.TokenType}.");
        }

        private DataFormatException Bad(string reason, Exception? inner = null) => new(file.Path, null, null, reason, inner);
    }
}
