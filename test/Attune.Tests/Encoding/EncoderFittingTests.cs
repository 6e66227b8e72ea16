using System.Globalization;
using Attune.Data;
using Attune.Encoding;
using Attune.Randomness;
using Attune.Splitting;

namespace Attune.Tests.Encoding;

public sealed class EncoderFittingTests
{
    [Fact]
    public void Editing_rows_outside_the_training_split_leaves_the_encoder_as_it_is()
    {
        var all = Mixed(200, seed: 1);
        var edited = Mixed(200, seed: 2);   // other numbers, words and gaps everywhere
        var rows = Enumerable.Range(0, 200).ToArray();
        var columns = all.Columns.Zip(edited.Columns, (a, b) => Joined(a, b, 120)).ToArray();
        var changed = new Table("edited", 200, columns);
        var before = EncoderFitting.Fit(new TrainSplit(all.Select(rows.AsSpan(0, 120))), Features, new EncodingOptions());
        var after = EncoderFitting.Fit(new TrainSplit(changed.Select(rows.AsSpan(0, 120))), Features, new EncodingOptions());
        Assert.Equal(before.ToJson(), after.ToJson());
    }

    [Fact]
    public void Fitting_and_encoding_do_not_depend_on_the_number_of_threads()
    {
        var table = Mixed(10_000, seed: 3);
        var one = EncoderFitting.Fit(new TrainSplit(table), Features, new EncodingOptions(), threads: 1);
        var many = EncoderFitting.Fit(new TrainSplit(table), Features, new EncodingOptions(), threads: 4);
        Assert.Equal(one.ToJson(), many.ToJson());
        var a = (FloatInput)one.Apply(table, out var countsA, threads: 1)[0];
        var b = (FloatInput)one.Apply(table, out var countsB, threads: 4)[0];
        Assert.Equal(a.Values, b.Values);
        Assert.Equal(countsA.Columns, countsB.Columns);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-2.0)]
    public void Box_cox_names_the_column_that_it_cannot_take(double bad)
    {
        var table = new Table("shop.csv", 3, [new NumericColumn("price", [1, 2, 4]), new NumericColumn("stock", [1, double.NaN, bad])]);
        ColumnSchema[] features = [new("price", ColumnKind.Numeric, "test"), new("stock", ColumnKind.Numeric, "test")];
        var error = Assert.Throws<DataFormatException>(() => EncoderFitting.Fit(new TrainSplit(table), features, new EncodingOptions { Numeric = NumericScaling.BoxCox }));
        Assert.Contains("'stock'", error.Message, StringComparison.Ordinal);
        Assert.Contains("yeo-johnson", error.Message, StringComparison.Ordinal);
        var only = new EncodingOptions { Columns = new Dictionary<string, ColumnEncodingOptions> { ["price"] = new() { Numeric = NumericScaling.BoxCox } } };
        Assert.IsType<PowerWarp>(((NumericEncoder)EncoderFitting.Fit(new TrainSplit(table), features, only).Columns[0]).Warp);
    }

    [Fact]
    public void Bins_count_what_lies_beyond_and_drop_those_of_no_width()
    {
        double[] values = [0, 1, 1 + 2e-9, 1 + 4e-9, 1 + 6e-9, 2, 3, 4];
        ColumnSchema[] features = [new("x", ColumnKind.Numeric, "test")];
        var encoder = EncoderFitting.Fit(new TrainSplit(new Table("t", values.Length, [new NumericColumn("x", values)])), features, new EncodingOptions { Numeric = NumericScaling.Bins, Bins = 7 });
        var bins = (BinEncoder)encoder.Columns[0];
        Assert.Equal(5, bins.Edges.Count);
        Assert.All(bins.Edges.Index(), e => Assert.Equal(e.Index, e.Item, 1e-8));   // scikit-learn drops bins of quantiles that are narrower than 1e-8
        encoder.Apply(new Table("t", 5, [new NumericColumn("x", [-1, 0, 4, 5, double.NaN])]), out var counts);
        Assert.Equal((2L, 1L), (counts.Columns[0].Clipped, counts.Columns[0].Missing));
        Assert.Equal([0, 0, 1, 3, 3], new[] { -1.0, 0, 1.5, 4, 5 }.Select(bins.BinOf));
        var constant = EncoderFitting.Fit(new TrainSplit(new Table("t", 3, [new NumericColumn("x", [7, 7, 7])])), features, new EncodingOptions { Numeric = NumericScaling.Bins });
        Assert.Equal(1, constant.FeatureWidth);
    }

    [Fact]
    public void Standard_scaling_gives_mean_0_and_deviation_1_also_far_from_0()
    {
        var random = new Philox(5, "values");
        var values = Enumerable.Range(0, 5000).Select(i => 1e9 + 3 * random.Normal((ulong)i)).ToArray();
        var encoder = FitNumbers(values, new EncodingOptions());
        var scaled = values.Select(encoder.Transform).ToArray();
        Assert.Equal(0, scaled.Average(), 2e-8);   // half a step of a double near 1e9, over 3
        Assert.Equal(1, scaled.Average(v => v * v), 1e-9);
        Assert.True(encoder.IsDouble);
    }

    [Theory]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    public void Numbers_whose_squares_leave_the_range_of_a_double_are_scaled(double unit)
    {
        var encoder = FitNumbers([-unit, unit, -unit, unit], new EncodingOptions());
        Assert.Equal([-1, 1], new[] { -unit, unit }.Select(encoder.Transform).Select(v => Math.Round(v, 12)));
    }

    [Theory]
    [InlineData(NumericScaling.Standard)]
    [InlineData(NumericScaling.MinMax)]
    [InlineData(NumericScaling.Robust)]
    public void The_ends_of_a_double_give_a_finite_encoder(NumericScaling scaling)
    {
        foreach (var unit in (double[])[double.MaxValue, double.Epsilon, 1e-310, 1e150])
        {
            var encoder = FitNumbers([-unit, 0, unit, unit / 2, double.NaN], new EncodingOptions { Numeric = scaling });
            foreach (var value in (double[])[-unit, 0, unit, double.MaxValue, double.MinValue, double.NaN]) Assert.True(double.IsFinite(encoder.Transform(value)));
            var json = new TableEncoder([encoder]).ToJson();
            Assert.Equal(json, TableEncoder.FromJson(json, "encoder.json").ToJson());
        }
    }

    [Fact]
    public void A_constant_column_has_scale_1_and_gives_0()
    {
        var encoder = FitNumbers([0.1, 0.1, 0.1], new EncodingOptions());
        Assert.Equal((1, 0, 1), (encoder.Divisor, encoder.Transform(0.1), encoder.Transform(1.1)));
    }

    [Fact]
    public void A_column_without_a_number_counts_as_the_fill_value_and_is_flagged()
    {
        var encoder = FitNumbers([double.NaN, double.NaN], new EncodingOptions { FillValue = 4 });
        Assert.Equal((4, true, 4), (encoder.Fill, encoder.MissingFlag, encoder.Transform(double.NaN)));
    }

    [Fact]
    public void Division_by_255_fits_nothing()
    {
        var encoder = FitNumbers([0, 51, 255], new EncodingOptions { Numeric = NumericScaling.Divide });
        Assert.Equal([0, 0.2, 1, 10], new[] { 0.0, 51, 255, 2550 }.Select(encoder.Transform));
        Assert.False(encoder.IsDouble);
    }

    [Fact]
    public void A_wild_cell_stays_finite_and_is_counted()
    {
        var encoder = FitNumbers([1, 2, 3, 4], new EncodingOptions());
        var values = new float[3];
        var count = encoder.Apply(new NumericColumn("x", [1e300, -1e300, 2]), values, 1, 0);
        Assert.Equal([10f, -10f], values[..2]);
        Assert.Equal(2, count.Clipped);
    }

    [Fact]
    public void Robust_scaling_with_a_smooth_clip_keeps_the_bulk_apart_under_a_heavy_tail()
    {
        double[] values = [.. Enumerable.Range(0, 1000).Select(i => (double)i), 1e12, 1e15];
        var standard = FitNumbers(values, new EncodingOptions());
        var robust = FitNumbers(values, new EncodingOptions { Numeric = NumericScaling.Robust, SmoothClip = 3 });
        Assert.True(Math.Abs(standard.Transform(900) - standard.Transform(100)) < 1e-6);
        Assert.True(robust.Transform(900) - robust.Transform(100) > 1);
        Assert.InRange(robust.Transform(1e15), 2.99, 3);
    }

    [Theory]
    [InlineData(0.0, 1.0, false)]
    [InlineData(2000.0, 5.0, true)]       // years: float's rounding of 2000.5 / 5 is beyond 1e-5
    [InlineData(1e6, 1e6, false)]
    [InlineData(1.6e12, 1e9, true)]
    public void The_graph_input_is_double_where_float_would_move_the_encoding(double center, double spread, bool isDouble)
    {
        var random = new Philox(6, "double");
        var values = Enumerable.Range(0, 500).Select(i => center + spread * random.Normal((ulong)i)).ToArray();
        var encoder = FitNumbers(values, new EncodingOptions());
        Assert.Equal(isDouble, encoder.IsDouble);
        if (!isDouble) Assert.All(values, v => Assert.Equal(encoder.Transform(v), encoder.Transform((float)v), 1e-5));
    }

    [Fact]
    public void Classes_that_look_like_missing_words_are_categories()
    {
        var encoder = FitWords(["None", "NA", "Null", "nan", "", "x"], new EncodingOptions());
        Assert.Equal(["c=NA", "c=None", "c=Null", "c=nan", "c=x", "c (missing)"], encoder.FeatureNames);
    }

    [Fact]
    public void Categories_are_sorted_by_code_point_and_told_apart_by_case_under_any_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            var encoder = FitWords(["i", "ı", "I", "İ", "z", "\uFB01", "😀", "Ä"], new EncodingOptions());
            Assert.Equal(["I", "i", "z", "Ä", "İ", "ı", "\uFB01", "😀"], ((OneHotEncoder)encoder).Categories);
            var json = new TableEncoder([FitNumbers([0.5, 1.5], new EncodingOptions())]).ToJson();
            Assert.Contains("\"divisor\": 0.5", json, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Many_categories_become_an_embedding_of_ruled_width()
    {
        var words = Enumerable.Range(0, 100).Select(i => $"w{i}").ToArray();
        var encoder = Assert.IsType<EmbeddingEncoder>(FitWords(words, new EncodingOptions()));
        Assert.Equal((101, 21), (encoder.Rows, encoder.EmbeddingWidth));
        Assert.Equal("codes:c", encoder.InputName);
        var codes = new int[2];
        var count = encoder.Apply(new TextColumn("c", [0, 1], ["unseen", "w0"]), codes);
        Assert.Equal([0, 1], codes);
        Assert.Equal(1, count.Unknown);
    }

    [Fact]
    public void Words_of_the_dictionary_that_no_training_row_uses_are_unknown()
    {
        var train = new Table("t", 2, [new TextColumn("c", [0, 1], ["a", "b", "test only"])]);
        var encoder = EncoderFitting.Fit(new TrainSplit(train), [new("c", ColumnKind.Category, "")], new EncodingOptions());
        Assert.Equal(["c=a", "c=b"], encoder.FeatureNames);
    }

    public static TheoryData<string, EncodingOptions> Options => new()
    {
        { "numeric", new() { Numeric = NumericScaling.Robust } },
        { "divisor", new() { Numeric = NumericScaling.Divide, Divisor = 7 } },
        { "range-low", new() { Numeric = NumericScaling.MinMax, RangeLow = -1 } },
        { "range-high", new() { Numeric = NumericScaling.MinMax, RangeHigh = 2 } },
        { "clip-to-range", new() { Numeric = NumericScaling.MinMax, ClipToRange = true } },
        { "clip", new() { Clip = 3 } },
        { "smooth-clip", new() { SmoothClip = 3 } },
        { "impute", new() { Impute = ImputeStrategy.Median } },
        { "fill-value", new() { Impute = ImputeStrategy.Constant, FillValue = 5 } },
        { "missing-flags", new() { MissingFlags = MissingFlags.Never } },
        { "categorical", new() { Categorical = CategoryEncoding.Embedding } },
        { "max-one-hot", new() { MaxOneHot = 2 } },
        { "min-frequency", new() { MinFrequency = 60 } },
        { "max-categories", new() { MaxCategories = 3 } },
        { "embedding-width", new() { Categorical = CategoryEncoding.Embedding, EmbeddingWidth = 9 } },
        { "columns", new() { Columns = new Dictionary<string, ColumnEncodingOptions> { ["a"] = new() { Clip = 1 } } } },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_has_an_effect(string option, EncodingOptions options)
    {
        var train = new TrainSplit(Mixed(200, seed: 4));
        var other = option switch
        {
            "divisor" => options with { Divisor = 255 },
            "range-low" => options with { RangeLow = 0 },
            "range-high" => options with { RangeHigh = 1 },
            "clip-to-range" => options with { ClipToRange = false },
            "fill-value" => options with { FillValue = 0 },
            "embedding-width" => options with { EmbeddingWidth = 0 },
            _ => new EncodingOptions(),
        };
        Assert.NotEqual(EncoderFitting.Fit(train, Features, other).ToJson(), EncoderFitting.Fit(train, Features, options).ToJson());
    }

    [Fact]
    public void Bad_options_are_listed_together()
    {
        var options = new EncodingOptions
        {
            Divisor = 0,
            MaxCategories = 1,
            Columns = new Dictionary<string, ColumnEncodingOptions> { ["aa"] = new(), ["a"] = new() { Clip = -1 } },
        };
        var error = Assert.Throws<OptionsException>(() => EncoderFitting.Fit(new TrainSplit(Mixed(10, 1)), Features, options));
        Assert.Contains(error.Problems, p => p == "encoding.divisor has to be a finite number other than 0; got 0.");
        Assert.Contains(error.Problems, p => p == "encoding.max-categories has to be 0 (no limit) or at least 2; got 1.");
        Assert.Contains(error.Problems, p => p == "encoding.columns.a.clip has to be 0 (none) or above; got -1.");
        Assert.Contains(error.Problems, p => p == "encoding.columns names 'aa', which is no feature column. Did you mean 'a'?");
    }

    [Fact]
    public void Quantiles_by_selection_equal_those_by_sorting()
    {
        var random = new Philox(8, "quantiles");
        for (var n = 1UL; n < 400; n += 7)
        {
            var values = Enumerable.Range(0, (int)n).Select(i => Math.Round(5 * random.Normal(1000 * n + (ulong)i))).ToArray();
            var sorted = values.Order().ToArray();
            foreach (var share in (double[])[0, 0.1, 0.25, 0.5, 0.75, 1])
            {
                var place = (sorted.Length - 1) * share;
                var expected = sorted[(int)place] + (sorted[Math.Min(sorted.Length - 1, (int)place + 1)] - sorted[(int)place]) * (place - (int)place);
                Assert.Equal(expected, OrderStatistics.Quantile(values.ToArray(), share), 12);
            }
            Assert.Equal(OrderStatistics.Quantile(values.ToArray(), 0.5), OrderStatistics.Median(values.ToArray()), 12);
        }
    }

    internal static readonly ColumnSchema[] Features =
    [
        new("a", ColumnKind.Numeric, ""),
        new("year", ColumnKind.Numeric, ""),
        new("color", ColumnKind.Category, ""),
        new("city", ColumnKind.Category, ""),
        new("flag", ColumnKind.Boolean, ""),
        new("when", ColumnKind.Date, ""),
    ];

    internal static Table Mixed(int rows, ulong seed)
    {
        var random = new Philox(seed, "table");
        double[] Numbers(ulong start, double center, double spread)
            => [.. Enumerable.Range(0, rows).Select(i => random.Below(start + (ulong)i, 9) == 0 ? double.NaN : center + spread * random.Normal(start + (ulong)i))];
        int[] Codes(ulong start, int words) => [.. Enumerable.Range(0, rows).Select(i => (int)random.Below(start + (ulong)i, words + 1) - 1)];
        string[] cities = [.. Enumerable.Range(0, 40).Select(i => $"city {i}")];
        return new Table("mixed", rows,
        [
            new NumericColumn("a", Numbers(1_000_000, 10, 4)),
            new NumericColumn("year", Numbers(2_000_000, 2015, 5)),
            new TextColumn("color", Codes(3_000_000, 4), ["red", "green", "blue", "None"]),
            new TextColumn("city", Codes(4_000_000, 40), cities),
            new TextColumn("flag", Codes(5_000_000, 2), ["true", "false"]),
            new DateColumn("when", [.. Numbers(6_000_000, 1.6e12, 1e10).Select(d => double.IsNaN(d) ? DateColumn.Missing : (long)d)]),
        ]);
    }

    private static NumericEncoder FitNumbers(double[] values, EncodingOptions options)
    {
        var table = new Table("t", values.Length, [new NumericColumn("x", values)]);
        return (NumericEncoder)EncoderFitting.Fit(new TrainSplit(table), [new("x", ColumnKind.Numeric, "")], options).Columns[0];
    }

    private static ColumnEncoder FitWords(string[] words, EncodingOptions options)
    {
        var codes = words.Select((w, i) => w.Length == 0 ? -1 : i).ToArray();
        var table = new Table("t", words.Length, [new TextColumn("c", codes, words)]);
        return EncoderFitting.Fit(new TrainSplit(table), [new("c", ColumnKind.Category, "")], options).Columns[0];
    }

    private static Column Joined(Column first, Column second, int kept) => (first, second) switch
    {
        (NumericColumn a, NumericColumn b) => new NumericColumn(a.Name, [.. a.Values[..kept], .. b.Values[kept..].Select(v => v * 1000)]),
        (DateColumn a, DateColumn b) => new DateColumn(a.Name, [.. a.Milliseconds[..kept], .. b.Milliseconds[kept..]]),
        (TextColumn a, TextColumn b) => new TextColumn(a.Name, [.. a.Codes[..kept], .. b.Codes[kept..].Select(c => a.Dictionary.Length)], [.. a.Dictionary, "edited"]),
        _ => throw new ArgumentException(first.Name, nameof(first)),
    };
}
