namespace Attune.Data.Images;

/// <summary>How pictures are listed.</summary>
public sealed record ImageListingOptions
{
    /// <summary>False lists pictures without classes, wherever they lie below the folder, for prediction. Default true. Lists keep the columns that they have.</summary>
    public bool Labelled { get; init; } = true;

    /// <summary>Column of a list that holds paths or bytes; null takes the one called path, file, filename, image or the like.</summary>
    public string? PathColumn { get; init; }

    /// <summary>Column that held them in an earlier list; taken when the list has it and nothing else is said.</summary>
    public string? KnownPathColumn { get; init; }

    /// <summary>How a list's other columns are read. Default: every kind is inferred.</summary>
    public TableReadOptions Table { get; init; } = new();

    /// <summary>Threads that hash files, ≥ 1; 0 (default) takes every processor.</summary>
    public int Threads { get; init; }

    /// <summary>Told how many of how many pictures are read so far, about a hundred times, from any thread. Default none.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <summary>Where bytes out of Parquet are kept while they are needed. Default: the system's folder for temporary files.</summary>
    public string? TemporaryFolder { get; init; }

    internal int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
