namespace Attune.Engines;

/// <summary>Where the values of a frozen prefix are kept: the part of a network that no trainable weight reaches is run once per row, not once per epoch.</summary>
public sealed record PrefixCacheOptions
{
    /// <summary>Type of the kept values; bf16 halves the space and rounds features to 8 bits of mantissa. Default fp32.</summary>
    public Precision Precision { get; init; }

    /// <summary>Bytes in memory at most. Default 2 GiB.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Bytes on disk at most, once memory is full. Default 16 GiB.</summary>
    public long DiskBytes { get; init; } = 16L << 30;

    /// <summary>Folder of the temporary file. Default: the system's.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>Augmented views of each row that are kept; epoch e trains on view e modulo this number. Default 4.</summary>
    public int Views { get; init; } = 4;
}
