namespace Attune.Engines.Dense;

/// <summary>Gradient of an embedding table: the rows that were looked up since the last update, in order of first use, and their sums.</summary>
internal sealed class SparseRows
{
    private readonly int[] _slots;
    private readonly int _width;
    private int[] _rows = new int[64];
    private float[] _values;

    public SparseRows(int tableRows, int width)
    {
        _slots = new int[tableRows];
        Array.Fill(_slots, -1);
        _width = width;
        _values = GC.AllocateUninitializedArray<float>(64 * width, pinned: true);
    }

    /// <summary>Number of rows with a gradient.</summary>
    public int Count { get; private set; }

    /// <summary>Sums of all touched rows, [Count, width].</summary>
    public Span<float> Values => _values.AsSpan(0, Count * _width);

    /// <summary>The gradient of a table row, or empty when it was not touched.</summary>
    public ReadOnlySpan<float> Find(int row) => _slots[row] is var slot && slot < 0 ? [] : _values.AsSpan(slot * _width, _width);

    /// <summary>The gradient of a table row, made zero at first use.</summary>
    public Span<float> Touch(int row)
    {
        var slot = _slots[row];
        if (slot >= 0) return _values.AsSpan(slot * _width, _width);
        if (Count == _rows.Length) Grow();
        slot = Count++;
        (_slots[row], _rows[slot]) = (slot, row);
        var values = _values.AsSpan(slot * _width, _width);
        values.Clear();
        return values;
    }

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        for (var i = 0; i < Count; i++) _slots[_rows[i]] = -1;
        Count = 0;
    }

    // At most doubles until every row of the table has been seen once; none of it happens in a warm step.
    private void Grow()
    {
        var capacity = Math.Min(_slots.Length, 2 * _rows.Length);
        Array.Resize(ref _rows, capacity);
        var values = GC.AllocateUninitializedArray<float>(capacity * _width, pinned: true);
        _values.AsSpan().CopyTo(values);
        _values = values;
    }
}
