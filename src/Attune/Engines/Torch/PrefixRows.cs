using Attune.Encoding;

namespace Attune.Engines.Torch;

/// <summary>Where the boundary values of each row of a set lie among all numbers that are kept of it: for each boundary value its vectors, one after the other.</summary>
internal sealed class PrefixRows
{
    private readonly IReadOnlyList<BoundaryValue> _boundary;
    private readonly EncodedSet _set;
    private readonly int _view;
    private readonly long[] _starts;

    public PrefixRows(IReadOnlyList<BoundaryValue> boundary, EncodedSet set, int view)
    {
        (_boundary, _set, _view, Tokens) = (boundary, set, view, set.Inputs.OfType<TokenInput>().FirstOrDefault()?.Source);
        _starts = new long[set.Rows + 1];
        for (var row = 0; row < set.Rows; row++) _starts[row + 1] = _starts[row] + boundary.Sum(value => (long)VectorsOf(value, row) * value.Width);
    }

    /// <summary>The rows' tokens; null where rows are none.</summary>
    public TokenSource? Tokens { get; }

    /// <summary>Numbers of all rows.</summary>
    public long Numbers => _starts[^1];

    /// <summary>Sequences of a row.</summary>
    public int PerRow => Tokens?.PerRow ?? 1;

    /// <summary>Place of a boundary value of a row.</summary>
    public long StartOf(int boundary, int row)
    {
        var start = _starts[row];
        for (var i = 0; i < boundary; i++) start += (long)VectorsOf(_boundary[i], row) * _boundary[i].Width;
        return start;
    }

    /// <summary>Vectors that a row has of a boundary value.</summary>
    public int VectorsOf(BoundaryValue value, int row) => value.Unit switch
    {
        BoundaryUnit.Sequence => PerRow,
        BoundaryUnit.Selected => _set.UnitsOf(row).Count,
        _ => Enumerable.Range(row * PerRow, PerRow).Sum(LengthOf),
    };

    /// <summary>Tokens of a sequence.</summary>
    public int LengthOf(int sequence) => Tokens!.LengthOf(sequence, _view);

    /// <summary>Shape of a boundary value of some rows, padded.</summary>
    public long[] ShapeOf(BoundaryValue value, ReadOnlySpan<int> rows) => value.Unit switch
    {
        BoundaryUnit.Sequence => [(long)rows.Length * PerRow, .. value.Shape],
        BoundaryUnit.Selected => [_set.UnitsOf(rows), .. value.Shape],
        _ => [(long)rows.Length * PerRow, Tokens!.PaddedLength(rows, _view), .. value.Shape],
    };
}
