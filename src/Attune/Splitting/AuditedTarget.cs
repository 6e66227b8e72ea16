using Attune.Data;

namespace Attune.Splitting;

/// <summary>
/// The target of a sample of rows, and how well one column alone tells it: each row is guessed from the other rows with the same value (leave-one-out), by their largest class or their mean.
/// </summary>
internal sealed class AuditedTarget
{
    private readonly int[]? _classes;
    private readonly double[]? _values;
    private readonly int _classCount;

    private AuditedTarget(int[]? classes, double[]? values)
    {
        (_classes, _values, _classCount) = (classes, values, classes is null ? 0 : classes.Max() + 1);
        Chance = classes is null ? 0 : classes.CountBy(c => c).Max(c => c.Value) / (double)classes.Length;
    }

    /// <summary>True when the target is a class.</summary>
    public bool IsClass => _classes is not null;

    /// <summary>Score without any column: the share of the largest class; 0 for numbers.</summary>
    public double Chance { get; }

    /// <summary>The target of some rows; null where it is neither one class nor one number, or all rows have the same.</summary>
    public static AuditedTarget? Of(Table rows, SplitTarget target)
    {
        if (target.IsLabels || target.Columns.Count != 1 || rows.Rows == 0) return null;
        var column = rows[target.Columns[0]];
        if (!target.IsClass) return column is NumericColumn numbers && numbers.Values.Any(v => v != numbers.Values[0]) ? new AuditedTarget(null, numbers.Values) : null;
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] classes = [.. Enumerable.Range(0, rows.Rows).Select(row => known.TryGetValue(column.Text(row), out var c) ? c : known[column.Text(row)] = known.Count)];
        return known.Count > 1 ? new AuditedTarget(classes, null) : null;
    }

    /// <summary>Share of rows whose class is right, or R², guessed from the value alone.</summary>
    /// <param name="keys">Value of each row as a number ≥ 0.</param>
    public double Score(int[] keys) => _classes is not null ? Right(keys) / (double)keys.Length : Determination(keys);

    // A row alone with its value is guessed as the largest class.
    private int Right(int[] keys)
    {
        var counts = new Dictionary<(int Key, int Class), int>();
        var all = new int[_classCount];
        for (var row = 0; row < keys.Length; row++)
        {
            counts[(keys[row], _classes![row])] = counts.GetValueOrDefault((keys[row], _classes[row])) + 1;
            all[_classes[row]]++;
        }
        var best = new Dictionary<int, (int First, int Count, int Second)>();   // largest class of a value, and the next count
        foreach (var ((key, c), count) in counts)
        {
            var (first, most, second) = best.GetValueOrDefault(key, (-1, 0, 0));
            best[key] = count > most || (count == most && c < first) ? (c, count, most) : (first, most, Math.Max(second, count));
        }
        var (usual, right) = (Array.IndexOf(all, all.Max()), 0);
        for (var row = 0; row < keys.Length; row++)
        {
            var (first, most, second) = best[keys[row]];
            var own = _classes![row];
            if (most == 1 && second == 0) right += own == usual ? 1 : 0;
            else if (own == first && most - 1 > second) right++;
        }
        return right;
    }

    private double Determination(int[] keys)
    {
        var (mean, sums) = (_values!.Average(), new Dictionary<int, (double Sum, int Count)>());
        for (var row = 0; row < keys.Length; row++)
        {
            var (sum, count) = sums.GetValueOrDefault(keys[row]);
            sums[keys[row]] = (sum + _values![row], count + 1);
        }
        var (left, total) = (0.0, 0.0);
        for (var row = 0; row < keys.Length; row++)
        {
            var (sum, count) = sums[keys[row]];
            var guess = count > 1 ? (sum - _values![row]) / (count - 1) : mean;
            (left, total) = (left + (_values![row] - guess) * (_values[row] - guess), total + (_values[row] - mean) * (_values[row] - mean));
        }
        return Math.Max(0, 1 - left / total);
    }
}
