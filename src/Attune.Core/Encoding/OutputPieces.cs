namespace Attune.Encoding;

/// <summary>Divides rows so that the outputs of each piece fit into little memory: a vocabulary's scores of every word of a split would not.</summary>
public static class OutputPieces
{
    private const long Most = 1 << 24;   // floats, 64 MB

    /// <summary>Pieces of consecutive rows, as (start, count), each with at most 2²⁴ outputs or one row.</summary>
    /// <param name="set">The rows' set.</param>
    /// <param name="rows">Row indices.</param>
    /// <param name="width">Outputs a unit.</param>
    /// <param name="mostRows">Rows of a piece at most.</param>
    public static IReadOnlyList<(int Start, int Count)> Of(EncodedSet set, ReadOnlySpan<int> rows, int width, int mostRows = int.MaxValue)
    {
        var pieces = new List<(int, int)>();
        for (var start = 0; start < rows.Length;)
        {
            var end = start;
            for (long outputs = 0; end < rows.Length && end - start < mostRows; end++)
            {
                outputs += (long)set.UnitsOf(rows[end]).Count * width;
                if (outputs > Most && end > start) break;
            }
            pieces.Add((start, end - start));
            start = end;
        }
        return pieces;
    }
}
