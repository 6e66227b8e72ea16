using Attune.Data;

namespace Attune.Splitting;

/// <summary>The three splits of a table.</summary>
public sealed record DataSplits
{
    /// <summary>What may be learned from.</summary>
    public required TrainSplit Train { get; init; }

    /// <summary>What steers choices: early stopping, search.</summary>
    public required Table Validation { get; init; }

    /// <summary>What is read once, for the verdict.</summary>
    public required Table Test { get; init; }

    /// <summary>Row numbers (0-based, ascending) of the training rows in the data table.</summary>
    public required IReadOnlyList<int> TrainRows { get; init; }

    /// <summary>Row numbers of the validation rows in the data table, or in the given validation table.</summary>
    public required IReadOnlyList<int> ValidationRows { get; init; }

    /// <summary>Row numbers of the test rows in the data table, or in the given test table.</summary>
    public required IReadOnlyList<int> TestRows { get; init; }

    /// <summary>Hashes of the training and validation rows, for <see cref="RowHashes.Save"/> into the run folder: a later run keeps them out of its test split.</summary>
    public required IReadOnlyList<ulong> KnownRows { get; init; }

    /// <summary>What was done.</summary>
    public required SplitReport Report { get; init; }
}
