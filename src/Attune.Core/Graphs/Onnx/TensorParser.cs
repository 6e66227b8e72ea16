using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>TensorProto → <see cref="Tensor"/>: raw bytes are views of the mapped file, typed fields and misaligned bytes are copied, external data is mapped from the model's own folder.</summary>
internal sealed class TensorParser(MappedFile file)
{
    private const int MostViews = 16;

    private readonly Dictionary<string, MappedFile> _external = new(StringComparer.Ordinal);
    private long _copied, _viewed;

    /// <summary>Reads one tensor with its name.</summary>
    public (string Name, Tensor Value) Parse(WireReader message)
    {
        var parts = new Parts();
        while (message.Next()) Read(ref message, parts);
        var type = (DataType)parts.Type;
        if (!Enum.IsDefined(type) || type == DataType.Undefined) throw Bad(parts, $"has element type {parts.Type}, which does not exist");
        var count = Count(parts, type);
        return (parts.Name, parts.IsExternal ? External(parts, type, count) : parts.Raw is { } raw ? Raw(parts, type, count, raw) : Typed(parts, type, count));
    }

    private static void Read(ref WireReader message, Parts parts)
    {
        switch (message.Field)
        {
            case 1: message.AddInts(parts.Sizes); break;
            case 2: parts.Type = message.Int(); break;
            case 3: parts.IsSegment = true; message.Skip(); break;
            case 4: message.AddFloats(parts.Floats); break;
            case 5 or 7 or 11: message.AddInts(parts.Integers); break;
            case 6: parts.Strings.Add(message.Text()); break;
            case 8: parts.Name = message.Text(); break;
            case 9: parts.Raw = message.Range(); break;
            case 10: message.AddDoubles(parts.Doubles); break;
            case 13: parts.AddLocation(message.Message()); break;
            case 14: parts.IsExternal = message.Int() == 1; break;
            default: message.Skip(); break;
        }
    }

    private long Count(Parts parts, DataType type)
    {
        if (parts.IsSegment) throw Bad(parts, "is stored in segments, which no current exporter writes");
        if (parts.Sizes.Count > InferenceContext.MaxRank) throw Bad(parts, $"has rank {parts.Sizes.Count}; at most {InferenceContext.MaxRank} is accepted");
        if (parts.Sizes.Any(s => s < 0)) throw Bad(parts, $"has a negative size in its shape [{string.Join(", ", parts.Sizes)}]");
        try
        {
            var count = Tensor.Product(parts.Sizes);
            type.ByteLength(count);
            return count;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException) { throw Bad(parts, $"has shape [{string.Join(", ", parts.Sizes)}], whose size overflows 64 bits"); }
    }

    private Tensor Raw(Parts parts, DataType type, long count, (long Start, long Length) raw)
    {
        if (type == DataType.String) throw Bad(parts, "holds strings as raw bytes");
        if (raw.Length != type.ByteLength(count)) throw Bad(parts, $"with shape [{string.Join(", ", parts.Sizes)}] {type} needs {type.ByteLength(count)} bytes; the file has {raw.Length}");
        return new Tensor(type, parts.Sizes, file.Elements(type, raw.Start, raw.Length, out _));
    }

    private Tensor Typed(Parts parts, DataType type, long count)
    {
        var packed = type.Bits() == 4;
        long given = type switch
        {
            DataType.String => parts.Strings.Count,
            DataType.Float => parts.Floats.Count,
            DataType.Double => parts.Doubles.Count,
            DataType.Complex64 or DataType.Complex128 => throw Bad(parts, "holds complex numbers"),
            _ => parts.Integers.Count,
        };
        var needed = packed ? type.ByteLength(count) : count;
        if (given != needed) throw Bad(parts, $"with shape [{string.Join(", ", parts.Sizes)}] {type} needs {needed} values; the file has {given}");
        if (type == DataType.String) return new Tensor(parts.Strings, parts.Sizes);
        var data = TensorBuffer.Allocate(type.ByteLength(count));
        if (type == DataType.Float) parts.Floats.ToArray().CopyTo(data.Span<float>());
        else if (type == DataType.Double) parts.Doubles.ToArray().CopyTo(data.Span<double>());
        else Store(parts.Integers, Math.Max(8, type.Bits()), data);
        return new Tensor(type, parts.Sizes, data);
    }

    /// <summary>Small types stand one per int32 (fp16 and bf16 as their bits), so the low bits are what counts.</summary>
    private static void Store(List<long> values, int bits, TensorBuffer data)
    {
        for (var i = 0; i < values.Count; i++)
        {
            switch (bits)
            {
                case 8: data.Span<byte>(i, 1)[0] = (byte)values[i]; break;
                case 16: data.Span<ushort>(i, 1)[0] = (ushort)values[i]; break;
                case 32: data.Span<uint>(i, 1)[0] = (uint)values[i]; break;
                default: data.Span<long>(i, 1)[0] = values[i]; break;
            }
        }
    }

    private Tensor External(Parts parts, DataType type, long count)
    {
        if (type == DataType.String) throw Bad(parts, "holds strings as external data");
        var source = Open(parts);
        var bytes = type.ByteLength(count);
        var offset = Number(parts, "offset", 0);
        var length = Number(parts, "length", bytes);
        if (length != bytes) throw Bad(parts, $"with shape [{string.Join(", ", parts.Sizes)}] {type} needs {bytes} bytes; its external length is {length}");
        if (offset > source.Length - length)
            throw Bad(parts, $"lies at bytes {offset} to {offset}+{length} of external file '{parts.Location["location"]}', which has {source.Length}; the file is truncated");
        // a few tied weights share bytes; thousands of views of the same gigabyte would grow when they are converted
        if ((_viewed += length) > MostViews * _external.Values.Sum(e => e.Length)) throw Bad(parts, $"shares external bytes with so many other tensors that each byte is used more than {MostViews} times");
        var data = source.Elements(type, offset, length, out var copied);
        if (copied && (_copied += length) > _external.Values.Sum(e => e.Length)) throw Bad(parts, "shares misaligned external bytes with other tensors");
        return new Tensor(type, parts.Sizes, data);
    }

    private MappedFile Open(Parts parts)
    {
        if (!parts.Location.TryGetValue("location", out var location) || location.Length == 0) throw Bad(parts, "has external data without a location");
        if (_external.TryGetValue(location, out var known)) return known;
        if (location.Contains('\0') || Path.IsPathRooted(location) || location.Contains(':')) throw Outside(parts, location);
        var folder = Resolve(Path.GetDirectoryName(Path.GetFullPath(file.Path))!);
        var target = Path.GetFullPath(Path.Combine(folder, location.Replace('\\', '/')));
        if (!Inside(folder, target)) throw Outside(parts, location);
        target = Resolve(target);
        // In the Hugging Face cache model and data are links to files of one folder, which is not the one they are named in.
        if (!Inside(folder, target) && Path.GetDirectoryName(target) != Path.GetDirectoryName(Resolve(Path.GetFullPath(file.Path)))) throw Outside(parts, location);
        if (!File.Exists(target)) throw Bad(parts, $"has its data in '{location}', which does not exist beside the model");
        return _external[location] = MappedFile.Open(target);
    }

    /// <summary>The path with every link on it followed.</summary>
    private static string Resolve(string path)
    {
        var parent = Path.GetDirectoryName(path);
        if (parent is null) return path;
        var full = Path.Combine(Resolve(parent), Path.GetFileName(path));
        FileSystemInfo info = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
        try { return info.LinkTarget is null ? full : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full; }
        catch (IOException) { return full; }
    }

    private static bool Inside(string folder, string target)
        => target.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private long Number(Parts parts, string key, long fallback)
    {
        if (!parts.Location.TryGetValue(key, out var text)) return fallback;
        return long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : throw Bad(parts, $"has the external {key} '{text}', which is not a number");
    }

    private DataFormatException Outside(Parts parts, string location) => Bad(parts, $"points to external data at '{location}', outside the folder of the model; it was not opened");

    private DataFormatException Bad(Parts parts, string reason) => new(file.Path, null, null, $"Tensor '{parts.Name}' {reason}.");

    private sealed class Parts
    {
        public string Name = "";
        public long Type;
        public bool IsExternal, IsSegment;
        public (long Start, long Length)? Raw;
        public readonly List<long> Sizes = [], Integers = [];
        public readonly List<float> Floats = [];
        public readonly List<double> Doubles = [];
        public readonly List<string> Strings = [];
        public readonly Dictionary<string, string> Location = new(StringComparer.Ordinal);

        public void AddLocation(WireReader entry)
        {
            var (key, value) = OnnxParser.Pair(entry);
            Location[key] = value;
        }
    }
}
