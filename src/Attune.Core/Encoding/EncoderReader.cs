using System.Globalization;

namespace Attune.Encoding;

/// <summary>Checks every value of an encoder.json before an encoder is made of it; an error names the property.</summary>
internal sealed class EncoderReader(string file)
{
    public TableEncoder Read(EncoderDocument document, string format, int version)
    {
        if (document.Format != format) throw Bad("format", $"'{document.Format}' is not '{format}'");
        if (document.Version != version)
            throw Bad("version", string.Create(CultureInfo.InvariantCulture, $"version {document.Version} is not {version}, the one this program reads; use a matching version of Attune"));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var columns = new ColumnEncoder[document.Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"columns[{i}]");
            var column = document.Columns[i] ?? throw Bad(at, "is null");
            if (column.Column.Length == 0) throw Bad(at + ".column", "is empty");
            if (!seen.Add(column.Column)) throw Bad(at + ".column", $"'{column.Column}' stands twice");
            columns[i] = column.Encoder switch
            {
                "numeric" => Numeric(column, at),
                "one-hot" => new OneHotEncoder(column.Column, Words(column.Categories, at + ".categories"), Rare(column, at), Needed(column.Missing, at + ".missing")),
                "embedding" => Embedding(column, at),
                "bins" => Bins(column, at),
                _ => throw Bad(at + ".encoder", $"'{column.Encoder}' is not one of numeric, bins, one-hot, embedding"),
            };
        }
        return new TableEncoder(columns);
    }

    private NumericEncoder Numeric(ColumnDocument column, string at)
    {
        var input = column.Input ?? throw Bad(at + ".input", "is missing");
        if (input is not ("float" or "double" or "date")) throw Bad(at + ".input", $"'{input}' is not one of float, double, date");
        var divisor = Needed(column.Divisor, at + ".divisor");
        if (divisor == 0 || !double.IsFinite(divisor)) throw Bad(at + ".divisor", "has to be a finite number other than 0");
        var (low, high) = (column.Low ?? double.NegativeInfinity, column.High ?? double.PositiveInfinity);
        if (!(low <= high)) throw Bad(at + ".low", "is not at most high");
        if (column.SmoothClip is <= 0) throw Bad(at + ".smoothClip", "has to be above 0, or absent");
        return new NumericEncoder(column.Column)
        {
            IsDate = input == "date",
            IsDouble = input == "double",
            Fill = Finite(column.Fill, at + ".fill"),
            MissingFlag = Needed(column.MissingFlag, at + ".missingFlag"),
            Warp = Warp(column, at),
            Center = Finite(column.Center, at + ".center"),
            Divisor = divisor,
            Shift = Finite(column.Shift, at + ".shift"),
            SmoothClip = column.SmoothClip is null ? 0 : Finite(column.SmoothClip, at + ".smoothClip"),
            Low = low,
            High = high,
        };
    }

    private NumericWarp? Warp(ColumnDocument column, string at)
    {
        switch (column.Warp)
        {
            case null: return null;
            case "yeo-johnson": return new PowerWarp(false, Finite(column.Lambda, at + ".lambda"));
            case "box-cox":
                var least = Finite(column.Least, at + ".least");
                if (!(least > 0)) throw Bad(at + ".least", "has to be above 0");
                return new PowerWarp(true, Finite(column.Lambda, at + ".lambda"), least);
            case "quantile" or "quantile-normal":
                return new QuantileWarp(Ascending(column.Quantiles, at + ".quantiles", 1, strictly: false), column.Warp == "quantile-normal");
            default: throw Bad(at + ".warp", $"'{column.Warp}' is not one of yeo-johnson, box-cox, quantile, quantile-normal");
        }
    }

    private BinEncoder Bins(ColumnDocument column, string at)
    {
        var input = column.Input ?? throw Bad(at + ".input", "is missing");
        if (input is not ("double" or "date")) throw Bad(at + ".input", $"'{input}' is not one of double, date");
        return new BinEncoder(column.Column, Ascending(column.Edges, at + ".edges", 2, strictly: true))
        {
            IsDate = input == "date",
            IsOrdinal = Needed(column.Ordinal, at + ".ordinal"),
            Fill = Finite(column.Fill, at + ".fill"),
            MissingFlag = Needed(column.MissingFlag, at + ".missingFlag"),
        };
    }

    private IReadOnlyList<double> Ascending(IReadOnlyList<double>? values, string property, int least, bool strictly)
    {
        if (values is null) throw Bad(property, "is missing");
        if (values.Count < least) throw Bad(property, string.Create(CultureInfo.InvariantCulture, $"has {values.Count} values; {least} at least are needed"));
        for (var i = 0; i < values.Count; i++)
        {
            if (!double.IsFinite(values[i])) throw Bad(property, "has to be finite");
            if (i > 0 && (strictly ? values[i] <= values[i - 1] : values[i] < values[i - 1])) throw Bad(property, "does not ascend");
        }
        return values;
    }

    private EmbeddingEncoder Embedding(ColumnDocument column, string at)
    {
        var width = Needed(column.EmbeddingWidth, at + ".embeddingWidth");
        if (width < 1) throw Bad(at + ".embeddingWidth", "has to be at least 1");
        return new EmbeddingEncoder(column.Column, Words(column.Categories, at + ".categories"), Rare(column, at), Needed(column.Missing, at + ".missing"), width);
    }

    private string[] Rare(ColumnDocument column, string at)
    {
        if (column.Infrequent is null) return [];
        var rare = Words(column.Infrequent, at + ".infrequent");
        var own = column.Categories!.ToHashSet(StringComparer.Ordinal);
        foreach (var word in rare)
        {
            if (own.Contains(word)) throw Bad(at + ".infrequent", $"'{word}' stands in categories too");
        }
        return rare;
    }

    private string[] Words(IReadOnlyList<string?>? words, string property)
    {
        if (words is null) throw Bad(property, "is missing");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < words.Count; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"{property}[{i}]");
            if (string.IsNullOrEmpty(words[i])) throw Bad(at, "is null or empty");
            if (!seen.Add(words[i]!)) throw Bad(at, $"'{words[i]}' stands twice");
        }
        return [.. words!];
    }

    private T Needed<T>(T? value, string property) where T : struct => value ?? throw Bad(property, "is missing");

    private double Finite(double? value, string property)
        => Needed(value, property) is var number && double.IsFinite(number) ? number : throw Bad(property, "has to be finite");

    private DataFormatException Bad(string property, string problem)
        => new(file, null, null, $"This is no valid encoder file: property {property} {problem}. Copy the model folder anew, or train again.");
}
