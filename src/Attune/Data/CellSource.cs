namespace Attune.Data;

/// <summary>A file cut into text cells, readable column by column in blocks and by several threads at once.</summary>
internal abstract class CellSource : IDisposable
{
    /// <summary>Most cells that one <see cref="Read"/> fills.</summary>
    public const int BlockRows = 2048;

    /// <summary>Number of rows R, the header not counted.</summary>
    public abstract int Rows { get; }

    /// <summary>Fills <paramref name="cells"/> from row <paramref name="firstRow"/> on (a multiple of <see cref="BlockRows"/>); returns how many rows came.</summary>
    public abstract int Read(int column, int firstRow, Span<Cell> cells);

    public abstract void Dispose();
}
