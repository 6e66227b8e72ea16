namespace Attune.Encoding;

/// <summary>What a graph input holds of token sequences.</summary>
public enum TokenField
{
    /// <summary>Ids, padded with the padding token, [S, T].</summary>
    Ids,

    /// <summary>1 for a token, 0 for padding, [S, T].</summary>
    Mask,

    /// <summary>Segments, [S, T].</summary>
    Types,

    /// <summary>Positions 0 to T − 1, [S, T]; for graphs that take them as an input.</summary>
    Positions,

    /// <summary>Places s · T + t of the tokens that have an output, [U].</summary>
    Selected,
}

/// <summary>A graph input of token sequences; several inputs share one <see cref="TokenSource"/>. S is rows × sequences of a row, T the padded length of a pass.</summary>
/// <param name="name">Name of the graph input.</param>
/// <param name="field">What it holds.</param>
/// <param name="source">The sequences.</param>
public sealed class TokenInput(string name, TokenField field, TokenSource source) : EncodedInput(name, source.PerRow)
{
    /// <summary>What the input holds.</summary>
    public TokenField Field { get; } = field;

    /// <summary>The sequences.</summary>
    public TokenSource Source { get; } = source;

    /// <summary>Number of sequences.</summary>
    public override long Length => (long)Source.Rows * Source.PerRow;

    /// <summary>Shape of the values of some rows.</summary>
    /// <param name="rows">Row indices.</param>
    /// <param name="view">The view.</param>
    public long[] ShapeOf(ReadOnlySpan<int> rows, int view)
    {
        if (Field != TokenField.Selected) return [(long)rows.Length * Source.PerRow, Source.PaddedLength(rows, view)];
        long chosen = 0;
        foreach (var row in rows)
        {
            for (var i = 0; i < Source.PerRow; i++) chosen += Source.Selected(row * Source.PerRow + i, view).Length;
        }
        return [chosen];
    }

    /// <summary>Writes the values of some rows.</summary>
    /// <param name="rows">Row indices in any order.</param>
    /// <param name="view">The view.</param>
    /// <param name="destination">As many values as <see cref="ShapeOf"/> says.</param>
    public void Read(ReadOnlySpan<int> rows, int view, Span<long> destination)
    {
        var width = Source.PaddedLength(rows, view);
        var (sequence, written) = (0, 0);
        foreach (var row in rows)
        {
            for (var i = 0; i < Source.PerRow; i++, sequence++)
            {
                var from = row * Source.PerRow + i;
                if (Field == TokenField.Selected)
                {
                    foreach (var position in Source.Selected(from, view)) destination[written++] = (long)sequence * width + position;
                    continue;
                }
                Fill(from, view, destination.Slice(sequence * width, width));
            }
        }
    }

    private void Fill(int sequence, int view, Span<long> line)
    {
        var length = Source.LengthOf(sequence, view);
        switch (Field)
        {
            case TokenField.Ids:
                Source.ReadIds(sequence, view, line[..length]);
                line[length..].Fill(Source.Padding.Id);
                break;
            case TokenField.Mask:
                line[..length].Fill(1);
                line[length..].Clear();
                break;
            case TokenField.Types:
                Source.ReadTypes(sequence, view, line[..length]);
                line[length..].Fill(Source.Padding.Type);
                break;
            default:
                for (var t = 0; t < line.Length; t++) line[t] = t;
                break;
        }
    }
}
