using Attune.Graphs;

namespace Attune.Weights;

/// <summary>What <c>inspect</c> says about a safetensors file.</summary>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Elements">Elements of all tensors together.</param>
/// <param name="Bytes">Bytes of all tensors together.</param>
/// <param name="Types">Number of tensors by element type, under safetensors' names.</param>
/// <param name="Entries">Every tensor: name, type, shape.</param>
/// <param name="Metadata">The file's <c>__metadata__</c>.</param>
public sealed record SafetensorsSummary(
    int Tensors,
    long Elements,
    long Bytes,
    IReadOnlyDictionary<string, int> Types,
    IReadOnlyList<SafetensorsEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Summary of a file.</summary>
    /// <exception cref="DataFormatException">The file is missing or not valid safetensors.</exception>
    public static SafetensorsSummary Of(string path) => Of(SafetensorsReader.Read(path));

    /// <summary>Summary of what was read.</summary>
    public static SafetensorsSummary Of(SafetensorsFile file)
    {
        var entries = file.Weights.All.Select(w => new SafetensorsEntry(w.Name, SafetensorsTypes.NameOf(w.Value.Type) ?? w.Value.Type.ToString(), w.Value.Sizes)).ToList();
        var types = new SortedDictionary<string, int>(entries.GroupBy(e => e.Type).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal);
        return new SafetensorsSummary(entries.Count, file.Weights.All.Sum(w => w.Count), file.Weights.All.Sum(w => w.Value.Data.ByteLength), types, entries, file.Metadata);
    }
}

/// <summary>One tensor of a safetensors file: its name, its type under the format's name, its sizes.</summary>
public sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Shape);
