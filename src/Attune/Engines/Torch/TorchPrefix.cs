using Attune.Encoding;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>Runs the two parts of a <see cref="FrozenPrefix"/> and keeps what lies between.</summary>
internal sealed class TorchPrefix : IDisposable
{
    private const int MostGroupRows = 32;

    private readonly FrozenPrefix _cut;
    private readonly TorchExecutor _prefix;
    private readonly TorchInputs _inputs;
    private readonly PrefixCache _cache;
    private readonly TorchInputs? _others;
    private readonly int _mostRows;

    public TorchPrefix(FrozenPrefix cut, string output, TorchParameters parameters, TorchInputs inputs, CompileOptions options, PrefixCacheOptions cache, torch.Device device)
    {
        (_cut, _inputs, _mostRows) = (cut, inputs, Math.Min(MostGroupRows, options.MaxRows));
        _prefix = new TorchExecutor(cut.Prefix, cut.Boundary, parameters, options);
        Suffix = new TorchExecutor(cut.Suffix, [output], parameters, options);
        _cache = new PrefixCache(cut.RowWidth, cache);
        var direct = cut.Suffix.Inputs.Where(i => !cut.Boundary.Contains(i.Name, StringComparer.Ordinal)).ToList();
        if (direct.Count > 0) _others = new TorchInputs(cut.Suffix with { Inputs = direct }, device, parameters.IsChannelsLast);
        Device = device;
    }

    /// <summary>The part that trains.</summary>
    public TorchExecutor Suffix { get; }

    /// <summary>Numbers kept per row.</summary>
    public long RowWidth => _cut.RowWidth;

    /// <summary>Nodes of the frozen part.</summary>
    public int Nodes => _cut.Prefix.Nodes.Count;

    private torch.Device Device { get; }

    /// <summary>True when the rows of this view are kept.</summary>
    public bool Has(EncodedSet set, int view) => _cache.Has(set, ViewFor(set, view));

    /// <summary>Computes and keeps all rows; nothing happens when they are kept already or do not fit.</summary>
    /// <returns>False when it was stopped.</returns>
    public bool Fill(EncodedSet set, int view, Action<int, int>? progress, CancellationToken stop)
    {
        view = ViewFor(set, view);
        if (_cache.Has(set, view) || _cache.Reserve(set.Rows) is not { } buffer) return true;
        // Rows are always computed in the same groups, so that a resumed run keeps the same bits.
        var trial = Math.Min(set.Rows, Math.Min(4, _mostRows));
        var group = TorchExecutor.RowsPerPass(_prefix.PlanFor(_inputs.ShapesOf(set, Range(0, trial))), trial, _mostRows);
        var values = new float[group * RowWidth];
        for (var start = 0; start < set.Rows; start += group)
        {
            if (stop.IsCancellationRequested)
            {
                _cache.Release(buffer);
                return false;
            }
            using var scope = torch.NewDisposeScope();
            var rows = Range(start, Math.Min(group, set.Rows - start));
            var next = start + rows.Length;
            if (next < set.Rows) TorchInputs.Expect(set, Range(next, Math.Min(4 * group, set.Rows - next)), view);
            using var batch = _inputs.Gather(set, rows, view);
            var boundary = _prefix.Forward(batch.Values);
            Interleave(boundary, rows.Length, values);
            foreach (var value in boundary) value.Dispose();
            _cache.Write(buffer, start, values.AsSpan(0, checked((int)(rows.Length * RowWidth))));
            progress?.Invoke(next, set.Rows);
        }
        _cache.Keep(set, view, buffer);
        return true;
    }

    /// <summary>Drops everything that was computed from frozen weights.</summary>
    public void ForgetCopies()
    {
        _cache.Forget(null);
        _prefix.ForgetCopies();
        Suffix.ForgetCopies();
    }

    /// <summary>Drops what is kept of a set, or of every set when it is null.</summary>
    public void Forget(EncodedSet? set) => _cache.Forget(set);

    /// <summary>The suffix's inputs for some rows of a kept view; the caller disposes them.</summary>
    public TorchInputs.Batch Gather(EncodedSet set, ReadOnlySpan<int> rows, int view)
    {
        view = ViewFor(set, view);
        var values = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        var first = 0L;
        for (var i = 0; i < _cut.Boundary.Count; i++)
        {
            var width = checked((int)Graphs.Tensor.Product(_cut.RowShapes[i]));
            var value = torch.empty([rows.Length, .. _cut.RowShapes[i]], torch.ScalarType.Float32);
            _cache.Read(set, view, rows, first, width, TorchTensors.Floats(value));
            first += width;
            values.Add(_cut.Boundary[i], _inputs.Place(value));
        }
        if (_others is not null)
        {
            foreach (var (name, value) in _others.Gather(set, rows, view).Values) values.Add(name, value);
        }
        return new TorchInputs.Batch(values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _prefix.Dispose();
        Suffix.Dispose();
        _cache.Dispose();
    }

    // Rows that are not augmented are the same in every view.
    private static int ViewFor(EncodedSet set, int view) => set.Inputs.OfType<StreamedInput>().Any(i => i.IsAugmented) ? view : StreamedInput.PlainView;

    private static int[] Range(int start, int count)
    {
        var rows = new int[count];
        for (var i = 0; i < count; i++) rows[i] = start + i;
        return rows;
    }

    // One row holds all boundary values one after the other.
    private void Interleave(torch.Tensor[] boundary, int rows, float[] values)
    {
        var first = 0L;
        for (var i = 0; i < boundary.Length; i++)
        {
            var width = checked((int)Graphs.Tensor.Product(_cut.RowShapes[i]));
            using var wide = boundary[i].to_type(torch.ScalarType.Float32, false, false, false);
            using var host = wide.cpu();
            using var packed = host.contiguous();
            var source = TorchTensors.Floats(packed);
            if (source.Length != rows * width) throw new InvalidOperationException($"The value '{_cut.Boundary[i]}' has shape [{string.Join(", ", boundary[i].shape)}] for {rows} rows; {width} numbers a row were expected.");
            for (var row = 0; row < rows; row++) source.Slice(row * width, width).CopyTo(values.AsSpan(checked((int)(row * RowWidth + first))));
            first += width;
        }
    }
}
