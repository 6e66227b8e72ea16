using System.Globalization;
using Attune.Data;

namespace Attune.Splitting;

/// <summary>The latest rows are the test split, those before them the validation split: the model is judged on what came after everything it learned from. Rows of one moment stay together.</summary>
internal static class TimeDraw
{
    private const byte Train = 0, Validation = 1, Test = 2;

    /// <summary>0 train, 1 validation, 2 test, or <paramref name="dropped"/>, per row.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="column">Dates or numbers that grow with time; rows without one are learned from.</param>
    /// <param name="isDropped">Rows that are left out.</param>
    /// <param name="dropped">What these are assigned.</param>
    /// <param name="known">Rows that must not be tested and are learned from instead, or null.</param>
    /// <param name="request">Shares.</param>
    /// <param name="notices">Receives what a user should know.</param>
    /// <exception cref="DataFormatException">The column holds words, or one moment only.</exception>
    public static byte[] Assign(Table data, Column column, bool[] isDropped, byte dropped, bool[]? known, SplitRequest request, List<string> notices)
    {
        double At(int row) => column is NumericColumn numbers ? numbers.Values[row] : ((DateColumn)column).Milliseconds[row];
        if (column is not (NumericColumn or DateColumn)) throw new DataFormatException(data.Source, null, column.Name, "split.time: the column holds words, not dates or numbers, so it does not say what came first. Name another column, or set its kind (data.columns).");
        var assignment = new byte[data.Rows];
        for (var row = 0; row < assignment.Length; row++) assignment[row] = isDropped[row] ? dropped : Train;
        int[] order = [.. Enumerable.Range(0, data.Rows).Where(row => !isDropped[row] && !column.IsMissing(row)).OrderBy(At)];
        var total = isDropped.Count(d => !d);
        if (order.Length < total) notices.Add(string.Create(CultureInfo.InvariantCulture, $"{total - order.Length:N0} rows have no '{column.Name}' and are learned from, since nothing says that they came later."));
        if (order.Length == 0 || At(order[0]) == At(order[^1])) throw new DataFormatException(data.Source, null, column.Name, "split.time: every row has the same moment, so none came later. Name another column.");
        var test = request.TestTable is null ? Allocation.Ceiling(request.Test, total) : 0;
        var validation = request.ValidationTable is null ? Allocation.Ceiling(request.Validation, total - test) : 0;
        var testFrom = Cut(order, order.Length - test, At);
        var validationFrom = Cut(order[..testFrom], testFrom - validation, At);
        for (var i = validationFrom; i < order.Length; i++)
        {
            if (i < testFrom) assignment[order[i]] = Validation;
            else if (known?[order[i]] != true) assignment[order[i]] = Test;
        }
        return assignment;
    }

    // The nearest place to a wanted one where the moment changes.
    private static int Cut(int[] order, int wanted, Func<int, double> at)
    {
        wanted = Math.Clamp(wanted, 0, order.Length);
        if (wanted == 0 || wanted == order.Length) return wanted;
        var (before, after) = (wanted, wanted);
        while (before > 0 && at(order[before]) == at(order[before - 1])) before--;
        while (after < order.Length && at(order[after]) == at(order[after - 1])) after++;
        return before > 0 && (after == order.Length || wanted - before <= after - wanted) ? before : after;
    }
}
