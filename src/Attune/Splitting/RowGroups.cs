using Attune.Data;

namespace Attune.Splitting;

/// <summary>Numbers the groups of a table's rows.</summary>
internal static class RowGroups
{
    /// <summary>Group of each row: equal cells of a column, and equal rows, belong together; an empty cell is a group of its own.</summary>
    /// <param name="column">The column.</param>
    /// <param name="hashes">Equal for equal rows.</param>
    public static int[] Of(Column column, ulong[] hashes)
    {
        var parent = new int[column.Rows];
        var (byCell, byRow) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<ulong, int>());
        for (var row = 0; row < parent.Length; row++)
        {
            parent[row] = row;
            if (!column.IsMissing(row) && !byCell.TryAdd(column.Text(row), row)) Join(parent, row, byCell[column.Text(row)]);
            if (!byRow.TryAdd(hashes[row], row)) Join(parent, row, byRow[hashes[row]]);
        }
        return [.. Enumerable.Range(0, parent.Length).Select(row => Root(parent, row))];
    }

    private static int Root(int[] parent, int row)
    {
        while (parent[row] != row) row = parent[row] = parent[parent[row]];
        return row;
    }

    private static void Join(int[] parent, int a, int b) => parent[Root(parent, a)] = Root(parent, b);
}
