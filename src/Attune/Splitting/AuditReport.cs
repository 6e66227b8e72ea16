namespace Attune.Splitting;

/// <summary>What the leakage audit looked for beside copies of rows, and found.</summary>
public sealed record AuditReport
{
    /// <summary>Texts of another split that share most of their words in order (<see cref="TextAudit"/>), those not counted that are equal after folding.</summary>
    public required DuplicateReport NearTexts { get; init; }

    /// <summary>Columns whose values stand in several splits although rows of one value share their answers.</summary>
    public IReadOnlyList<ColumnFinding> SharedGroups { get; init; } = [];

    /// <summary>Columns that alone tell the target of nearly every row.</summary>
    public IReadOnlyList<ColumnFinding> Giveaways { get; init; } = [];

    /// <summary>Columns with another value in every row whose order tells classes apart.</summary>
    public IReadOnlyList<ColumnFinding> Identifiers { get; init; } = [];

    /// <summary>One paragraph for a person: what was looked at and what was found.</summary>
    public string Summary { get; init; } = "";
}

/// <summary>What was found of a column.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Score">Share of rows whose target follows from the column alone (of real targets R²); of groups the share of test rows whose group others know.</param>
/// <param name="Chance">The same share without the column: the largest class.</param>
/// <param name="Sentence">For a person.</param>
public sealed record ColumnFinding(string Column, double Score, double Chance, string Sentence);
