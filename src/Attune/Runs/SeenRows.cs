using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Data;

namespace Attune.Runs;

/// <summary>
/// Rows that a model, or the models it was fine-tuned from, trained or validated on: they never enter a later run's test split (promise 1 of docs/architecture.md).
/// </summary>
/// <param name="Columns">Columns the hashes were made over, the target included.</param>
/// <param name="Hashes">64-bit hashes (<see cref="RowHashes"/>).</param>
public sealed record SeenRows(IReadOnlyList<string> Columns, IReadOnlySet<ulong> Hashes)
{
    /// <summary>Name of the file in folders for other programs.</summary>
    public const string ExportFile = "attune-seen-rows.json";

    private const string ColumnsKey = "seenColumns";

    /// <summary>Writes the hashes beside the model and their columns into its card.</summary>
    public void Save(string file, JsonObject card)
    {
        RowHashes.Save(file, Hashes);
        card[ColumnsKey] = new JsonArray([.. Columns.Select(c => JsonValue.Create(c))]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="DataFormatException">The hashes are missing: without them no verdict can be trusted.</exception>
    public static SeenRows Load(string file, JsonObject card)
    {
        if (card[ColumnsKey] is not JsonArray columns)
            throw new DataFormatException(file, null, null, $"The model's card does not say over which columns its rows were hashed ('{ColumnsKey}'). Copy the whole model folder again.");
        if (!File.Exists(file))
            throw new DataFormatException(file, null, null, "is missing from the model folder. Without it nobody knows which rows the model has seen, and a verdict could be too good. Copy the whole folder again.");
        return new SeenRows([.. columns.Select(c => c!.GetValue<string>())], RowHashes.Load(file));
    }

    /// <summary>Writes columns and hashes as one file into a folder that leaves Attune, so that a run that starts from it does not test on them.</summary>
    /// <param name="folder">The folder.</param>
    public void Export(string folder)
    {
        var bytes = new byte[Hashes.Count * sizeof(ulong)];
        foreach (var (i, hash) in Hashes.Order().Index()) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), hash);
        AtomicFile.WriteAllText(Path.Combine(folder, ExportFile), new JsonObject { [ColumnsKey] = new JsonArray([.. Columns.Select(c => JsonValue.Create(c))]), ["hashes"] = Convert.ToBase64String(bytes) }.ToJsonString() + "\n");
    }

    /// <summary>Reads what <see cref="Export"/> wrote; null where a folder has no such file.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataFormatException">The file is damaged: without it no verdict can be trusted.</exception>
    public static SeenRows? Beside(string folder)
    {
        var file = Path.Combine(folder, ExportFile);
        if (!File.Exists(file)) return null;
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            var bytes = Convert.FromBase64String(json["hashes"]!.GetValue<string>());
            if (bytes.Length % sizeof(ulong) != 0) throw new FormatException("the hashes are cut off");
            HashSet<ulong> hashes = [.. Enumerable.Range(0, bytes.Length / sizeof(ulong)).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong))))];
            return new SeenRows([.. json[ColumnsKey]!.AsArray().Select(c => c!.GetValue<string>())], hashes);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NullReferenceException or IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(file, null, null, $"cannot be read ({e.Message}), so it is not known which rows the model has seen. Export it again; or delete the file, and make sure yourself that no test row is among them.", e);
        }
    }
}
