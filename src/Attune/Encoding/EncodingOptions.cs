using System.Globalization;

namespace Attune.Encoding;

/// <summary>How columns become numbers (section <c>encoding</c>). Defaults hold for all columns of a kind; <see cref="Columns"/> overrides them by name.</summary>
public sealed record EncodingOptions
{
    /// <summary>Scaling of numbers and dates, default standard; robust with <see cref="SmoothClip"/> 3 suits heavy tails. <c>encoding.numeric</c></summary>
    public NumericScaling Numeric { get; init; } = NumericScaling.Standard;

    /// <summary>Divisor of the scaling <c>divide</c>, default 255 (pixels); not 0. <c>encoding.divisor</c></summary>
    public double Divisor { get; init; } = 255;

    /// <summary>Output of the smallest training value with <c>min-max</c>, default 0. <c>encoding.range-low</c></summary>
    public double RangeLow { get; init; }

    /// <summary>Output of the largest training value with <c>min-max</c>, default 1. <c>encoding.range-high</c></summary>
    public double RangeHigh { get; init; } = 1;

    /// <summary>True keeps <c>min-max</c> outputs inside the range also for rows beyond the training range, default false. <c>encoding.clip-to-range</c></summary>
    public bool ClipToRange { get; init; }

    /// <summary>
    /// Limit k: standard, robust and min-max outputs are cut to [-k, k], so that a wild cell stays finite; 0 is none; default 10
    /// (a value ten deviations out says no more by being fifty out, and would only swing the first layer). Cut cells are counted. <c>encoding.clip</c>
    /// </summary>
    public double Clip { get; init; } = 10;

    /// <summary>
    /// Bound k of the smooth clip z / √(1 + (z / k)²) after scaling, for heavy tails; 0 (default) is none; Holzmüller et al. 2024 (arXiv:2407.04491) use 3 with
    /// robust scaling. <c>encoding.smooth-clip</c>
    /// </summary>
    public double SmoothClip { get; init; }

    /// <summary>Whether <c>standard</c> and <c>robust</c> subtract the mean or median, default true. <c>encoding.center</c></summary>
    public bool Center { get; init; } = true;

    /// <summary>Whether <c>standard</c> and <c>robust</c> divide by the spread, and the power transforms are standardised, default true. <c>encoding.scale</c></summary>
    public bool Scale { get; init; } = true;

    /// <summary>Lower share of <c>robust</c>, in [0, 1), default 0.25: the first quartile. <c>encoding.robust-low</c></summary>
    public double RobustLow { get; init; } = 0.25;

    /// <summary>Upper share of <c>robust</c>, above the lower, at most 1; default 0.75: the third quartile. <c>encoding.robust-high</c></summary>
    public double RobustHigh { get; init; } = 0.75;

    /// <summary>True divides by <c>robust</c>'s spread in units of the standard normal distribution's, so that normal numbers get the variance 1; default false. <c>encoding.unit-variance</c></summary>
    public bool UnitVariance { get; init; }

    /// <summary>Quantiles that <c>quantile</c> and <c>quantile-normal</c> keep, at most the training rows; default 1,000, scikit-learn's. <c>encoding.quantiles</c></summary>
    public int Quantiles { get; init; } = 1000;

    /// <summary>Bins of <c>bins</c> and <c>bin-index</c>, default 5, scikit-learn's; fewer where training values repeat. <c>encoding.bins</c></summary>
    public int Bins { get; init; } = 5;

    /// <summary>Where bins have their edges, default quantile. <c>encoding.bin-edges</c></summary>
    public BinEdges BinEdges { get; init; } = BinEdges.Quantile;

    /// <summary>What a missing number counts as, default the mean. <c>encoding.impute</c></summary>
    public ImputeStrategy Impute { get; init; } = ImputeStrategy.Mean;

    /// <summary>Value of a missing number with <c>impute: constant</c>, and in columns without any number; default 0. <c>encoding.fill-value</c></summary>
    public double FillValue { get; init; }

    /// <summary>Which numeric columns get a missing flag, default those with missing training cells. <c>encoding.missing-flags</c></summary>
    public MissingFlags MissingFlags { get; init; } = MissingFlags.Auto;

    /// <summary>How categories and booleans become numbers, default one-hot for few and an embedding for many. <c>encoding.categorical</c></summary>
    public CategoryEncoding Categorical { get; init; } = CategoryEncoding.Auto;

    /// <summary>Most categories that <c>categorical: auto</c> encodes one-hot, default 16. <c>encoding.max-one-hot</c></summary>
    public int MaxOneHot { get; init; } = 16;

    /// <summary>Categories with fewer training rows share one place, into which unknown ones fall too; default 1: none. <c>encoding.min-frequency</c></summary>
    public int MinFrequency { get; init; } = 1;

    /// <summary>
    /// Most places for categories, the shared one included: the most frequent keep their own (of equal ones the later in order). 0 (default): no limit.
    /// As in scikit-learn 1.4, a column with exactly this many gets a shared place too, so that unknown ones have one. <c>encoding.max-categories</c>
    /// </summary>
    public int MaxCategories { get; init; }

    /// <summary>Width of embeddings; 0 (default): <see cref="EmbeddingEncoder.DefaultWidth"/> of the number of rows. <c>encoding.embedding-width</c></summary>
    public int EmbeddingWidth { get; init; }

    /// <summary>Overrides by column name. <c>encoding.columns</c></summary>
    public IReadOnlyDictionary<string, ColumnEncodingOptions> Columns { get; init; } = new Dictionary<string, ColumnEncodingOptions>();

    /// <summary>The options of one column, its overrides applied.</summary>
    public EncodingOptions For(string column) => !Columns.TryGetValue(column, out var own) ? this : this with
    {
        Numeric = own.Numeric ?? Numeric,
        Divisor = own.Divisor ?? Divisor,
        RangeLow = own.RangeLow ?? RangeLow,
        RangeHigh = own.RangeHigh ?? RangeHigh,
        ClipToRange = own.ClipToRange ?? ClipToRange,
        Clip = own.Clip ?? Clip,
        SmoothClip = own.SmoothClip ?? SmoothClip,
        Center = own.Center ?? Center,
        Scale = own.Scale ?? Scale,
        RobustLow = own.RobustLow ?? RobustLow,
        RobustHigh = own.RobustHigh ?? RobustHigh,
        UnitVariance = own.UnitVariance ?? UnitVariance,
        Quantiles = own.Quantiles ?? Quantiles,
        Bins = own.Bins ?? Bins,
        BinEdges = own.BinEdges ?? BinEdges,
        Impute = own.Impute ?? Impute,
        FillValue = own.FillValue ?? FillValue,
        MissingFlags = own.MissingFlags ?? MissingFlags,
        Categorical = own.Categorical ?? Categorical,
        MaxOneHot = own.MaxOneHot ?? MaxOneHot,
        MinFrequency = own.MinFrequency ?? MinFrequency,
        MaxCategories = own.MaxCategories ?? MaxCategories,
        EmbeddingWidth = own.EmbeddingWidth ?? EmbeddingWidth,
        Columns = new Dictionary<string, ColumnEncodingOptions>(),
    };

    /// <summary>Adds a sentence per value out of range, each with its option path.</summary>
    internal void Validate(ICollection<string> problems, string path = "encoding")
    {
        void Check(bool good, string option, string rule, IFormattable value)
        {
            if (!good) problems.Add(string.Create(CultureInfo.InvariantCulture, $"{path}.{option} has to be {rule}; got {value.ToString(null, CultureInfo.InvariantCulture)}."));
        }
        Check(double.IsFinite(Divisor) && Divisor != 0, "divisor", "a finite number other than 0", Divisor);
        Check(double.IsFinite(RangeLow), "range-low", "finite", RangeLow);
        Check(double.IsFinite(RangeHigh) && RangeHigh > RangeLow, "range-high", "finite and above range-low", RangeHigh);
        Check(double.IsFinite(Clip) && Clip >= 0, "clip", "0 (none) or above", Clip);
        Check(double.IsFinite(SmoothClip) && SmoothClip >= 0, "smooth-clip", "0 (none) or above", SmoothClip);
        Check(RobustLow is >= 0 and < 1, "robust-low", "in [0, 1)", RobustLow);
        Check(RobustHigh > RobustLow && RobustHigh <= 1, "robust-high", "above robust-low and at most 1", RobustHigh);
        if (UnitVariance && (RobustLow == 0 || RobustHigh == 1)) problems.Add($"{path}.unit-variance needs robust-low above 0 and robust-high below 1: the normal distribution has no ends.");
        Check(Quantiles is >= 2 and <= 100_000, "quantiles", "between 2 and 100,000", Quantiles);
        Check(Bins is >= 2 and <= 1000, "bins", "between 2 and 1,000", Bins);
        Check(double.IsFinite(FillValue), "fill-value", "finite", FillValue);
        Check(MaxOneHot >= 0, "max-one-hot", "0 or above", MaxOneHot);
        Check(MinFrequency >= 1, "min-frequency", "at least 1", MinFrequency);
        Check(MaxCategories is 0 or >= 2, "max-categories", "0 (no limit) or at least 2", MaxCategories);
        Check(EmbeddingWidth is >= 0 and <= 4096, "embedding-width", "between 0 (by rule) and 4096", EmbeddingWidth);
        foreach (var column in Columns.Keys) For(column).Validate(problems, $"{path}.columns.{column}");
    }
}
