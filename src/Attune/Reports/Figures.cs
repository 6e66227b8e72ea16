using System.Globalization;

namespace Attune.Reports;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Figures
{
    /// <summary>A metric or loss to four decimals, fewer for large and more digits for tiny numbers; a dash when undefined.</summary>
    public static string Of(double? value) => value is not { } number ? "–" : Minus(number.ToString(Math.Abs(number) switch
    {
        0 => "0.0000",
        < 0.001 => "0.###e0",
        < 10 => "0.0000",
        < 100 => "0.000",
        < 1000 => "0.00",
        < 1e7 => "#,0.0",
        _ => "0.###e0",
    }, Grouped));

    /// <summary>A p value to four decimals; "&lt; 0.0001" below, where its digits say nothing.</summary>
    public static string PValue(double? value) => value < 0.0001 ? "< 0.0001" : value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "–";

    /// <summary><see cref="Of(double?)"/> with its sign.</summary>
    public static string Signed(double? value) => value > 0 ? "+" + Of(value) : Of(value);

    /// <summary>A label of an axis: as few digits as it needs.</summary>
    public static string Tick(double value) => Minus(value.ToString(Math.Abs(value) is >= 1e6 or (< 0.001 and not 0) ? "0.##e0" : "#,0.#####", Grouped));

    /// <summary>A count with thin separators.</summary>
    public static string Count(long value) => value.ToString("#,0", Grouped);

    /// <summary>A whole percentage; "&lt;1" rather than a 0 that is none.</summary>
    public static string Percent(long part, long whole)
    {
        if (whole == 0) return "–";
        var percent = 100.0 * part / whole;
        return part > 0 && percent < 1 ? "<1" : part < whole && percent > 99 ? ">99" : percent.ToString("0", CultureInfo.InvariantCulture);
    }

    /// <summary>A size in kB, MB or GB.</summary>
    public static string Bytes(long bytes) => bytes < 1000 ? Count(bytes) + " B"
        : bytes < 1_000_000 ? (bytes / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + " kB"
        : bytes < 1_000_000_000 ? (bytes / 1e6).ToString("0.#", CultureInfo.InvariantCulture) + " MB"
        : (bytes / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " GB";

    /// <summary>"1 row", "2 rows".</summary>
    public static string Rows(long rows) => rows == 1 ? "1 row" : Count(rows) + " rows";

    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = "\u202F" };

    private static string Minus(string text) => text.StartsWith('-') ? "−" + text[1..] : text;
}
