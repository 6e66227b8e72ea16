using System.Globalization;
using System.Text.Json;
using Attune.Data;
using Attune.Encoding;
using Attune.Splitting;
using Attune.Tasks;

namespace Attune.Tests.Golden;

/// <summary>Scalers, imputers and category encoders against scikit-learn (files <c>preprocessing/numeric.json</c> and <c>preprocessing/categorical.json</c>).</summary>
public static class PreprocessingGolden
{
    private const double Tolerance = 1e-9;

    /// <summary>Runs every case of both files.</summary>
    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        foreach (var outcome in RunFile(goldenFolder, "preprocessing/numeric.json", Numeric)) yield return outcome;
        foreach (var outcome in RunFile(goldenFolder, "preprocessing/categorical.json", Categorical)) yield return outcome;
    }

    // A case function returns null when it passed; it throws NotSupportedException where the kind or setting does not exist.
    private static IEnumerable<GoldenOutcome> RunFile(string folder, string file, Func<JsonElement, JsonElement, string?> run)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path)) yield break;
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (var golden in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            var name = $"{file}: {golden.GetProperty("name").GetString()}";
            GoldenOutcome outcome;
            try
            {
                outcome = run(golden, json.RootElement.GetProperty("data")) is { } problem ? new(name, "failed", problem) : new(name, "passed", "");
            }
            catch (NotSupportedException e)
            {
                outcome = new(name, "pending", e.Message);
            }
            yield return outcome;
        }
    }

    private static string? Numeric(JsonElement golden, JsonElement data)
    {
        var options = NumericOptions(golden.GetProperty("class").GetString()!, golden);
        var isImputer = options.Numeric == NumericScaling.None;
        var fitOn = golden.GetProperty("fit_on").GetString()!;
        var train = Matrix(data.GetProperty(fitOn));
        var encoder = EncoderFitting.Fit(new TrainSplit(Numbers(train)), Schema(train[0].Length, ColumnKind.Numeric), options);
        return CompareNumeric(encoder, train, Matrix(golden.GetProperty("train_transformed")), isImputer, "train")
            ?? CompareNumeric(encoder, Matrix(data.GetProperty(fitOn.Replace("train", "test", StringComparison.Ordinal))), Matrix(golden.GetProperty("test_transformed")), isImputer, "test");
    }

    private static EncodingOptions NumericOptions(string kind, JsonElement golden)
    {
        if (!golden.TryGetProperty("settings", out var settings)) throw new NotSupportedException(kind);
        var plain = new EncodingOptions { Clip = 0, MissingFlags = MissingFlags.Never };
        switch (kind)
        {
            case "StandardScaler" when settings.GetProperty("with_mean").GetBoolean() && settings.GetProperty("with_std").GetBoolean():
                return plain;
            case "MinMaxScaler":
                var range = settings.GetProperty("feature_range");
                return plain with
                {
                    Numeric = NumericScaling.MinMax,
                    RangeLow = range[0].GetDouble(),
                    RangeHigh = range[1].GetDouble(),
                    ClipToRange = settings.GetProperty("clip").GetBoolean(),
                };
            case "RobustScaler" when IsDefaultRobust(settings):
                return plain with { Numeric = NumericScaling.Robust };
            case "SimpleImputer":
                return plain with
                {
                    Numeric = NumericScaling.None,
                    MissingFlags = settings.GetProperty("add_indicator").GetBoolean() ? MissingFlags.Auto : MissingFlags.Never,
                    FillValue = settings.GetProperty("fill_value") is { ValueKind: JsonValueKind.Number } fill ? fill.GetDouble() : 0,
                    Impute = settings.GetProperty("strategy").GetString() switch
                    {
                        "mean" => ImputeStrategy.Mean,
                        "median" => ImputeStrategy.Median,
                        "most_frequent" => ImputeStrategy.MostFrequent,
                        "constant" => ImputeStrategy.Constant,
                        var other => throw new NotSupportedException($"strategy {other}"),
                    },
                };
            default:
                throw new NotSupportedException($"{kind} {settings.GetRawText()}");
        }
    }

    private static bool IsDefaultRobust(JsonElement settings)
        => settings.GetProperty("with_centering").GetBoolean() && settings.GetProperty("with_scaling").GetBoolean() && !settings.GetProperty("unit_variance").GetBoolean()
            && settings.GetProperty("quantile_range")[0].GetDouble() == 25 && settings.GetProperty("quantile_range")[1].GetDouble() == 75;

    // The reference puts all flags behind all values; a scaler there passes NaN through where an encoder fills it in.
    private static string? CompareNumeric(TableEncoder encoder, double[][] rows, double[][] expected, bool isImputer, string split)
    {
        var columns = encoder.Columns.Cast<NumericEncoder>().ToArray();
        for (var row = 0; row < rows.Length; row++)
        {
            List<double> own = [.. columns.Select((c, i) => c.Transform(rows[row][i]))];
            own.AddRange(columns.Select((c, i) => (c, i)).Where(p => p.c.MissingFlag).Select(p => double.IsNaN(rows[row][p.i]) ? 1.0 : 0.0));
            if (own.Count != expected[row].Length) return $"{split}: {own.Count} outputs, expected {expected[row].Length}";
            for (var i = 0; i < own.Count; i++)
            {
                if (double.IsNaN(expected[row][i]) && !isImputer) continue;
                if (!Near(own[i], expected[row][i])) return Difference(split, row, i, own[i], expected[row][i]);
            }
        }
        return null;
    }

    private static string? Categorical(JsonElement golden, JsonElement data)
    {
        var kind = golden.GetProperty("class").GetString();
        var train = Words(data.GetProperty("train"));
        if (kind == "LabelEncoder")
        {
            var column = golden.GetProperty("column").GetInt32();
            var table = Texts(train);
            var task = new Classification($"c{column}", Classification.Sort(train.Select(r => r[column]).Distinct()), null);
            if (!task.Classes.SequenceEqual(golden.GetProperty("classes").EnumerateArray().Select(c => c.GetString()!))) return "classes differ";
            return task.Labels(table).SequenceEqual(golden.GetProperty("train_transformed").EnumerateArray().Select(c => c.GetInt32())) ? null : "labels differ";
        }
        if (kind != "OneHotEncoder") throw new NotSupportedException(kind);
        var encoder = EncoderFitting.Fit(new TrainSplit(Texts(train)), Schema(train[0].Length, ColumnKind.Category), OneHotOptions(golden.GetProperty("settings")));
        return CompareCategories(encoder, golden)
            ?? CompareOneHot(encoder, train, Matrix(golden.GetProperty("train_transformed")), "train")
            ?? CompareOneHot(encoder, Words(data.GetProperty("test")), Matrix(golden.GetProperty("test_transformed")), "test");
    }

    private static EncodingOptions OneHotOptions(JsonElement settings)
    {
        var options = new EncodingOptions { Categorical = CategoryEncoding.OneHot };
        var unknown = "error";
        foreach (var setting in settings.EnumerateObject())
        {
            switch (setting.Name)
            {
                case "handle_unknown": unknown = setting.Value.GetString()!; break;
                case "min_frequency": options = options with { MinFrequency = setting.Value.GetInt32() }; break;
                case "max_categories": options = options with { MaxCategories = setting.Value.GetInt32() }; break;
                default: throw new NotSupportedException($"OneHotEncoder {setting.Name}");
            }
        }
        var hasBucket = options.MinFrequency > 1 || options.MaxCategories > 0;
        if (unknown != (hasBucket ? "infrequent_if_exist" : "ignore")) throw new NotSupportedException($"OneHotEncoder handle_unknown {unknown}");
        return options;
    }

    private static string? CompareCategories(TableEncoder encoder, JsonElement golden)
    {
        for (var i = 0; i < encoder.Columns.Count; i++)
        {
            var column = (OneHotEncoder)encoder.Columns[i];
            var all = golden.GetProperty("categories")[i].EnumerateArray().Select(c => c.GetString()!);
            var infrequent = golden.TryGetProperty("infrequent_categories", out var rare) && rare[i].ValueKind == JsonValueKind.Array
                ? rare[i].EnumerateArray().Select(c => c.GetString()!).ToArray() : [];
            if (!column.Infrequent.SequenceEqual(infrequent)) return $"column {i}: infrequent categories differ";
            if (!column.Categories.SequenceEqual(all.Except(infrequent))) return $"column {i}: categories differ";
        }
        return null;
    }

    private static string? CompareOneHot(TableEncoder encoder, string[][] rows, double[][] expected, string split)
    {
        var values = ((FloatInput)encoder.Apply(Texts(rows), out _)[0]).Values;
        var width = encoder.FeatureWidth;
        for (var row = 0; row < rows.Length; row++)
        {
            if (expected[row].Length != width) return $"{split}: {width} outputs, expected {expected[row].Length}";
            for (var i = 0; i < width; i++)
            {
                if (values[row * width + i] != expected[row][i]) return Difference(split, row, i, values[row * width + i], expected[row][i]);
            }
        }
        return null;
    }

    private static bool Near(double own, double expected) => Math.Abs(own - expected) <= Tolerance * Math.Max(1, Math.Abs(expected));

    private static string Difference(string split, int row, int output, double own, double expected)
        => string.Create(CultureInfo.InvariantCulture, $"{split} row {row}, output {output}: {own:R}, expected {expected:R}");

    private static double[][] Matrix(JsonElement rows)
        => [.. rows.EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number ? v.GetDouble() : double.NaN).ToArray())];

    private static string[][] Words(JsonElement rows) => [.. rows.EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.GetString()!).ToArray())];

    private static ColumnSchema[] Schema(int columns, ColumnKind kind) => [.. Enumerable.Range(0, columns).Select(i => new ColumnSchema($"c{i}", kind, "golden"))];

    private static Table Numbers(double[][] rows)
        => new("golden", rows.Length, [.. Enumerable.Range(0, rows[0].Length).Select(i => new NumericColumn($"c{i}", [.. rows.Select(r => r[i])]))]);

    private static Table Texts(string[][] rows) => new("golden", rows.Length, [.. Enumerable.Range(0, rows[0].Length).Select(i =>
    {
        var words = rows.Select(r => r[i]).Distinct().ToArray();
        return new TextColumn($"c{i}", [.. rows.Select(r => Array.IndexOf(words, r[i]))], words);
    })]);
}
