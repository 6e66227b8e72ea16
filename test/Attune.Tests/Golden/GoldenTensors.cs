using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Attune.Tests.Golden;

/// <summary>A small reader of the golden data's safetensors files (float32 and int64), independent of the library's.</summary>
public sealed class GoldenTensors
{
    private readonly byte[] _bytes;
    private readonly JsonElement _header;
    private readonly int _data;

    public GoldenTensors(string path)
    {
        _bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        _header = JsonDocument.Parse(_bytes.AsMemory(8, length)).RootElement;
        _data = 8 + length;
    }

    public IEnumerable<string> Names => _header.EnumerateObject().Select(p => p.Name);

    public bool Has(string name) => _header.TryGetProperty(name, out _);

    public long[] Shape(string name) => [.. Entry(name).GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];

    public bool IsInteger(string name) => Entry(name).GetProperty("dtype").GetString() == "I64";

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    public int[] Integers(string name) => [.. MemoryMarshal.Cast<byte, long>(Bytes(name)).ToArray().Select(v => (int)v)];

    /// <summary>Where the golden data are: ATTUNE_GOLDEN, or test/golden of the repository.</summary>
    public static string Folder()
    {
        if (Environment.GetEnvironmentVariable("ATTUNE_GOLDEN") is { Length: > 0 } given) return given;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Attune.slnx"))) return Path.Combine(folder.FullName, "test", "golden");
        }
        throw new DirectoryNotFoundException("No Attune.slnx above the test program; set ATTUNE_GOLDEN.");
    }

    private JsonElement Entry(string name) => _header.TryGetProperty(name, out var entry) ? entry : throw new KeyNotFoundException($"No tensor '{name}'.");

    private ReadOnlySpan<byte> Bytes(string name)
    {
        var offsets = Entry(name).GetProperty("data_offsets");
        int start = offsets[0].GetInt32(), end = offsets[1].GetInt32();
        return _bytes.AsSpan(_data + start, end - start);
    }
}
