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
}
