using System.Text.Json;
using System.Text.Json.Serialization;

namespace Attune.Splitting;

/// <summary>What a split did, as kept in <c>split.json</c>.</summary>
public sealed record SplitReport
{
    /// <summary>How rows were drawn: "stratified by class", "stratified by label", "stratified by target decile", "by time 'COLUMN'", one of the first three "with 'COLUMN' together", or "given".</summary>
    public required string Method { get; init; }

    /// <summary>Seed of the draw.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Rows read, before any was dropped, without those of given validation and test files.</summary>
    public required int Rows { get; init; }

    /// <summary>Training rows.</summary>
    public required int Train { get; init; }

    /// <summary>Validation rows.</summary>
    public required int Validation { get; init; }

    /// <summary>Test rows.</summary>
    public required int Test { get; init; }

    /// <summary>Columns that make two rows equal, the target included.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Rows per class or label and split (train, validation, test); null for regression.</summary>
    public IReadOnlyDictionary<string, int[]>? Classes { get; init; }

    /// <summary>Rows left out because their target is missing, over all files.</summary>
    public int MissingTargets { get; init; }

    /// <summary>Rows kept out of the test split because an earlier model was trained or validated on them.</summary>
    public int KeptOutOfTest { get; init; }

    /// <summary>Rows that have an exact copy in the same table; copies were kept on one side.</summary>
    public int CopiesKeptTogether { get; init; }

    /// <summary>Exact copies (features and target) that remain across splits; possible with given files only.</summary>
    public required DuplicateReport ExactDuplicates { get; init; }

    /// <summary>Near copies across splits: features equal after rounding numbers to three digits and folding case and white space, exact copies not counted.</summary>
    public required DuplicateReport NearDuplicates { get; init; }

    /// <summary>What else was looked for; null in files of earlier versions.</summary>
    public AuditReport? Audit { get; init; }

    /// <summary>Sentences that a person should read.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Where each row of the data file went, base64 of two bits a row from the lowest bit up: 0 train, 1 validation, 2 test, 3 dropped.</summary>
    public required string Assignment { get; init; }

    /// <summary>This report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SplitReportJson.Default.SplitReport);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text of a split.json.</param>
    /// <exception cref="JsonException">It is not a split report.</exception>
    public static SplitReport FromJson(string json) => JsonSerializer.Deserialize(json, SplitReportJson.Default.SplitReport) ?? throw new JsonException("The split report is null.");

    /// <summary>The 0-based row numbers of one split (0 train, 1 validation, 2 test, 3 dropped) in a data file of <see cref="Rows"/> rows.</summary>
    public int[] RowsOf(int split)
    {
        var packed = Convert.FromBase64String(Assignment);
        return [.. Enumerable.Range(0, Rows).Where(i => (packed[i >> 2] >> ((i & 3) * 2) & 3) == split)];
    }

    internal static string Pack(ReadOnlySpan<byte> assignment)
    {
        var packed = new byte[(assignment.Length + 3) / 4];
        for (var i = 0; i < assignment.Length; i++) packed[i >> 2] |= (byte)(assignment[i] << ((i & 3) * 2));
        return Convert.ToBase64String(packed);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SplitReport))]
internal sealed partial class SplitReportJson : JsonSerializerContext;
