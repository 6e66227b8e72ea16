namespace Attune.Encoding;

/// <summary>Options of one column; what is null is as in <see cref="EncodingOptions"/>, whose members of the same names say what each does.</summary>
public sealed record ColumnEncodingOptions
{
    /// <summary><c>numeric</c></summary>
    public NumericScaling? Numeric { get; init; }

    /// <summary><c>divisor</c></summary>
    public double? Divisor { get; init; }

    /// <summary><c>range-low</c></summary>
    public double? RangeLow { get; init; }

    /// <summary><c>range-high</c></summary>
    public double? RangeHigh { get; init; }

    /// <summary><c>clip-to-range</c></summary>
    public bool? ClipToRange { get; init; }

    /// <summary><c>clip</c></summary>
    public double? Clip { get; init; }

    /// <summary><c>smooth-clip</c></summary>
    public double? SmoothClip { get; init; }

    /// <summary><c>center</c></summary>
    public bool? Center { get; init; }

    /// <summary><c>scale</c></summary>
    public bool? Scale { get; init; }

    /// <summary><c>robust-low</c></summary>
    public double? RobustLow { get; init; }

    /// <summary><c>robust-high</c></summary>
    public double? RobustHigh { get; init; }

    /// <summary><c>unit-variance</c></summary>
    public bool? UnitVariance { get; init; }

    /// <summary><c>quantiles</c></summary>
    public int? Quantiles { get; init; }

    /// <summary><c>bins</c></summary>
    public int? Bins { get; init; }

    /// <summary><c>bin-edges</c></summary>
    public BinEdges? BinEdges { get; init; }

    /// <summary><c>impute</c></summary>
    public ImputeStrategy? Impute { get; init; }

    /// <summary><c>fill-value</c></summary>
    public double? FillValue { get; init; }

    /// <summary><c>missing-flags</c></summary>
    public MissingFlags? MissingFlags { get; init; }

    /// <summary><c>categorical</c></summary>
    public CategoryEncoding? Categorical { get; init; }

    /// <summary><c>max-one-hot</c></summary>
    public int? MaxOneHot { get; init; }

    /// <summary><c>min-frequency</c></summary>
    public int? MinFrequency { get; init; }

    /// <summary><c>max-categories</c></summary>
    public int? MaxCategories { get; init; }

    /// <summary><c>embedding-width</c></summary>
    public int? EmbeddingWidth { get; init; }
}
