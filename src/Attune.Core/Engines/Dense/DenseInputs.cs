using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Attune.Encoding;
using Attune.Losses;

namespace Attune.Engines.Dense;

/// <summary>Copies the rows of a micro-batch from an encoded set into the plan's inputs.</summary>
internal sealed unsafe class DenseInputs
{
    /// <summary>Up to this width all rows are asked for before the first is copied.</summary>
    public const int NarrowWidth = 128;

    private readonly DenseValue[] _values;
    private readonly EncodedInput?[] _sources;
    private readonly int[] _rows, _labels;
    private float[] _targets = [], _teacher = [];
    private EncodedSet? _set;
    private int _targetWidth, _teacherWidth;
    private bool _hasLabels;

    public DenseInputs(DensePlan plan, DenseMemory memory, int maxRows)
    {
        _values = [.. plan.Inputs];
        _sources = new EncodedInput?[_values.Length];
        _rows = GC.AllocateArray<int>(maxRows, pinned: true);
        _labels = GC.AllocateArray<int>(maxRows, pinned: true);
        foreach (var value in _values)
        {
            if (value.IsIndex) value.Indices = (int*)memory.Floats(maxRows);
            else value.Data = memory.Floats((long)maxRows * value.Stride);
        }
    }

    /// <summary>Finds the blocks of the inputs by name; the same set again costs nothing.</summary>
    public void Bind(EncodedSet set)
    {
        if (ReferenceEquals(set, _set)) return;
        for (var i = 0; i < _values.Length; i++) _sources[i] = Find(set, _values[i]);
        _set = set;
    }

    /// <summary>Sets the rows of the next pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rows(ReadOnlySpan<int> rows)
    {
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)_set!.Rows) throw new ArgumentOutOfRangeException(nameof(rows), row, $"The set has {_set.Rows} rows.");
        }
        rows.CopyTo(_rows);
    }

    /// <summary>Copies rows [start, end) of the pass.</summary>
    public void Gather(int start, int end)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            var value = _values[i];
            if (value.IsGatheredLate) continue;
            if (_sources[i] is IndexInput indices)
            {
                for (var row = start; row < end; row++) value.Indices[row] = indices.Values[_rows[row]];
                continue;
            }
            var source = (FloatInput)_sources[i]!;
            fixed (float* from = source.Values)
            {
                if (value.Width <= NarrowWidth) Narrow(from, value, start, end);
                else Wide(from, value, start, end);
            }
        }
    }

    // Rows of a few cache lines lie anywhere in memory: ask for all of them before the first is copied.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Narrow(float* from, DenseValue value, int start, int end)
    {
        var width = value.Width;
        if (Sse.IsSupported)
        {
            for (var row = start; row < end; row++)
            {
                var line = from + (long)_rows[row] * width;
                for (var k = 0; k < width; k += 16) Sse.Prefetch0(line + k);
                Sse.Prefetch0(line + width - 1);
            }
        }
        for (var row = start; row < end; row++)
        {
            float* source = from + (long)_rows[row] * width, target = value.Data + (long)row * value.Stride;
            var k = 0;
            for (; k + 8 <= width; k += 8) Vector256.Load(source + k).Store(target + k);
            for (; k < width; k++) target[k] = source[k];
        }
    }

    // While one row is copied the one after the next is fetched: a random row of 3 kB is far from everything the hardware foresees.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Wide(float* from, DenseValue value, int start, int end)
    {
        var width = value.Width;
        for (var row = start; row < end; row++)
        {
            float* source = from + (long)_rows[row] * width, target = value.Data + (long)row * value.Stride;
            var later = from + (long)_rows[Math.Min(row + 2, end - 1)] * width;
            var k = 0;
            for (; k + 16 <= width; k += 16)
            {
                if (Sse.IsSupported) Sse.Prefetch0(later + k);
                Vector512.Load(source + k).Store(target + k);
            }
            for (; k < width; k++) target[k] = source[k];
        }
    }

    /// <summary>Copies rows [start, end) of a late input and names where the four rows after them lie (only to be fetched ahead: the array may move).</summary>
    public void GatherLate(DenseValue value, int start, int end, int last, float** ahead)
    {
        var source = (FloatInput)_sources[Array.IndexOf(_values, value)]!;
        fixed (float* from = source.Values)
        {
            Wide(from, value, start, end);
            for (var i = 0; i < 4; i++) ahead[i] = from + (long)_rows[Math.Min(end + i, last - 1)] * value.Width;
        }
    }

    /// <summary>Copies the targets of some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void GatherTargets(EncodedSet set, ReadOnlySpan<int> rows)
    {
        var targets = set.Targets ?? throw new ArgumentException("The rows have no targets to learn from.", nameof(set));
        _hasLabels = targets.Labels is not null;
        _targetWidth = targets.Width;
        _teacherWidth = targets.Teacher is null ? 0 : targets.Teacher.Length / targets.Rows;
        if (_teacher.Length < _rows.Length * _teacherWidth) _teacher = GC.AllocateArray<float>(_rows.Length * _teacherWidth, pinned: true);
        for (var i = 0; i < rows.Length && _teacherWidth > 0; i++) targets.Teacher.AsSpan(rows[i] * _teacherWidth, _teacherWidth).CopyTo(_teacher.AsSpan(i * _teacherWidth));
        if (targets.Labels is { } labels)
        {
            for (var i = 0; i < rows.Length; i++) _labels[i] = labels[rows[i]];
            return;
        }
        if (_targets.Length < _rows.Length * _targetWidth) _targets = GC.AllocateArray<float>(_rows.Length * _targetWidth, pinned: true);
        var values = targets.Values!;
        if (_targetWidth == 1)
        {
            for (var i = 0; i < rows.Length; i++) _targets[i] = values[rows[i]];
            return;
        }
        for (var i = 0; i < rows.Length; i++) values.AsSpan(rows[i] * _targetWidth, _targetWidth).CopyTo(_targets.AsSpan(i * _targetWidth));
    }

    /// <summary>Targets of rows [start, end) of the pass.</summary>
    public LossTargets Targets(int start, int end)
    {
        var rows = end - start;
        var teacher = _teacher.AsSpan(start * _teacherWidth, rows * _teacherWidth);
        return _hasLabels
            ? new LossTargets { Labels = _labels.AsSpan(start, rows), ValueWidth = 1, Rows = rows, Teacher = teacher }
            : new LossTargets { Values = _targets.AsSpan(start * _targetWidth, rows * _targetWidth), ValueWidth = _targetWidth, Rows = rows, Teacher = teacher };
    }

    private static EncodedInput Find(EncodedSet set, DenseValue value)
    {
        foreach (var input in set.Inputs)
        {
            if (input.Name != value.Name) continue;
            if (input is IndexInput != value.IsIndex)
                throw new ArgumentException($"Input '{value.Name}' takes {(value.IsIndex ? "indices" : "real numbers")}; the set has {(value.IsIndex ? "real numbers" : "indices")}.", nameof(set));
            if (input.Width != value.Width) throw new ArgumentException($"Input '{value.Name}' has width {value.Width}; the set's block has {input.Width}.", nameof(set));
            return input;
        }
        throw new ArgumentException($"The set has no input '{value.Name}', which the model needs. It has {NearestName.Preview(set.Inputs.Select(i => i.Name))}.", nameof(set));
    }
}
