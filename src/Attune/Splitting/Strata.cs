using System.Globalization;
using Attune.Data;

namespace Attune.Splitting;

/// <summary>Groups of rows within which a split draws in proportion: classes, or tenths of the target's range.</summary>
internal sealed class Strata
{
    private const int Bins = 10;

    private Strata(string[] names, int[] of) => (Names, Of) = (names, of);

    /// <summary>A name per stratum; classes in order (numbers numerically, else ordinally).</summary>
    public string[] Names { get; }

    /// <summary>Stratum per row of the table [R]; -1 where the target is missing.</summary>
    public int[] Of { get; }

    public int[] Counts()
    {
        var counts = new int[Names.Length];
        foreach (var stratum in Of) if (stratum >= 0) counts[stratum]++;
        return counts;
    }

    /// <summary>All rows in one stratum.</summary>
    public static Strata Single(int rows) => new(["all"], new int[rows]);

    /// <summary>One stratum per class.</summary>
    public static Strata Classes(Column target)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        var of = new int[target.Rows];
        var cache = new Dictionary<double, int>();
        for (var row = 0; row < of.Length; row++)
        {
            if (target.IsMissing(row)) of[row] = -1;
            else if (target is NumericColumn numeric)
            {
                if (!cache.TryGetValue(numeric.Values[row], out of[row])) cache[numeric.Values[row]] = of[row] = Number(found, target.Text(row));
            }
            else of[row] = Number(found, target.Text(row));
        }
        var names = found.Keys.ToArray();
        var sorted = target is NumericColumn
            ? names.OrderBy(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray()
            : [.. names.Order(StringComparer.Ordinal)];
        var place = new int[names.Length];
        for (var i = 0; i < sorted.Length; i++) place[found[sorted[i]]] = i;
        for (var row = 0; row < of.Length; row++) if (of[row] >= 0) of[row] = place[of[row]];
        return new Strata(sorted, of);
    }

    /// <summary>Strata of about equal size by rank of the target, ten or fewer; equal targets share one.</summary>
    public static Strata Quantiles(NumericColumn target)
    {
        var rows = Enumerable.Range(0, target.Rows).Where(r => !target.IsMissing(r)).ToArray();
        var keys = Array.ConvertAll(rows, r => target.Values[r]);
        Array.Sort(keys, rows);
        var bins = Math.Clamp(rows.Length / Bins, 1, Bins);
        var of = new int[target.Rows];
        Array.Fill(of, -1);
        var smaller = 0;
        for (var rank = 0; rank < rows.Length; rank++)
        {
            if (rank > 0 && keys[rank] != keys[rank - 1]) smaller = rank;
            of[rows[rank]] = (int)((long)smaller * bins / rows.Length);
        }
        return new Strata([.. Enumerable.Range(0, bins).Select(b => "bin " + b.ToString(CultureInfo.InvariantCulture))], of);
    }

    private static int Number(Dictionary<string, int> found, string name)
    {
        if (!found.TryGetValue(name, out var number)) found[name] = number = found.Count;
        return number;
    }
}
