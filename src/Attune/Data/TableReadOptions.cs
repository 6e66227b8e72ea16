namespace Attune.Data;

/// <summary>How a file becomes a <see cref="Table"/>.</summary>
public sealed record TableReadOptions
{
    /// <summary>Words that mean "missing" beside the empty field, compared exactly. Default none: a class called None, NA or Null stays a class.</summary>
    public IReadOnlyList<string> MissingWords { get; init; } = [];

    /// <summary>Kinds that the user sets, by column name. Default none: every kind is inferred.</summary>
    public IReadOnlyDictionary<string, ColumnKind> Kinds { get; init; } = new Dictionary<string, ColumnKind>();

    /// <summary>Threads to read with, ≥ 1; 0 (default) takes every processor.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// The schema of an earlier run: exactly these columns are read, with these kinds; others in the file are ignored.
    /// Null (default) reads every column and infers its kind.
    /// </summary>
    public IReadOnlyList<ColumnSchema>? Expect { get; init; }

    /// <summary>Columns to read as they stand beside those of <see cref="Expect"/>, for example an id to keep beside a prediction. Without effect when everything is read.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Columns that are not read, as if the file did not have them; pictures in Parquet are read in another way.</summary>
    internal IReadOnlyList<string> Without { get; init; } = [];

    internal int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
