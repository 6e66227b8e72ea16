using Attune.Data;

namespace Attune.Splitting;

/// <summary>What <see cref="Splitter"/> is asked for.</summary>
public sealed record SplitRequest
{
    /// <summary>Share of all rows that becomes the test split, in (0, 1). Default 0.2. Without effect when <see cref="TestTable"/> is given.</summary>
    public double Test { get; init; } = 0.2;

    /// <summary>Share of the rows that are not test rows that becomes the validation split, in (0, 1). Default 0.2: 64/16/20, or 80/20 beside a given test file. Without effect when <see cref="ValidationTable"/> is given.</summary>
    public double Validation { get; init; } = 0.2;

    /// <summary>Seed of the draw; the same seed and rows give the same split on every machine. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Validation rows from a file of their own; null draws them.</summary>
    public Table? ValidationTable { get; init; }

    /// <summary>Test rows from a file of their own; null draws them.</summary>
    public Table? TestTable { get; init; }

    /// <summary>Columns beside the target that make two rows equal; null takes every feature column of the schema (every column without a schema).</summary>
    public IReadOnlyList<string>? FeatureColumns { get; init; }

    /// <summary>Hashes (<see cref="RowHashes"/> over features and target) of rows that an earlier model was trained or validated on; they never enter the test split. Default none.</summary>
    public IReadOnlySet<ulong>? KnownRows { get; init; }

    /// <summary>Columns over which <see cref="KnownRows"/> was made; null takes the columns of this split.</summary>
    public IReadOnlyList<string>? KnownColumns { get; init; }

    /// <summary>Rows with the same value in this column stay in one part; null for none.</summary>
    public string? GroupColumn { get; init; }

    /// <summary>The latest rows by this column of dates or numbers are the test split, those before them the validation split; null draws by chance.</summary>
    public string? TimeColumn { get; init; }

    internal IEnumerable<string> Problems()
    {
        if (!(Test is > 0 and < 1)) yield return FormattableString.Invariant($"split.test is {Test}; it must lie between 0 and 1, for example 0.2.");
        if (GroupColumn is not null && TimeColumn is not null) yield return "split.group and split.time contradict each other: the latest rows of a group would have to be in two parts. Remove one of the two.";
        if (!(Validation is > 0 and < 1)) yield return FormattableString.Invariant($"split.validation is {Validation}; it must lie between 0 and 1, for example 0.2.");
    }
}
