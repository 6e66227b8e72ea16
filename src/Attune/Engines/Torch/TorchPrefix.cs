using Attune.Encoding;
using Attune.Graphs;
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
    private (EncodedSet Set, int View, PrefixRows Rows)? _rows;   // of the set that was asked for last
    private readonly int _mostRows;

    public TorchPrefix(FrozenPrefix cut, string output, TorchParameters parameters, TorchInputs inputs, CompileOptions options, PrefixCacheOptions cache, torch.Device device)
    {
        (_cut, _inputs, _mostRows) = (cut, inputs, Math.Min(MostGroupRows, options.MaxRows));
        _prefix = new TorchExecutor(cut.Prefix, [.. cut.Boundary.Select(b => b.Name)], parameters, options);
        Suffix = new TorchExecutor(cut.Suffix, [output], parameters, options);
        _cache = new PrefixCache(cache);
        var direct = cut.Suffix.Inputs.Where(i => !cut.Boundary.Any(b => b.Name == i.Name)).ToList();
        if (direct.Count > 0) _others = new TorchInputs(cut.Suffix with { Inputs = direct }, device, parameters.IsChannelsLast);
        Device = device;
    }

    /// <summary>The part that trains.</summary>
    public TorchExecutor Suffix { get; }

    /// <summary>Numbers kept of a set.</summary>
    public long NumbersOf(EncodedSet set) => RowsOf(set, StreamedInput.PlainView).Numbers;

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
        var places = RowsOf(set, view);
        if (_cache.Has(set, view) || _cache.Reserve(places.Numbers) is not { } buffer) return true;
        // Rows are always computed in the same groups, so that a resumed run keeps the same bits.
        var all = Range(0, set.Rows);
        var passes = PassGroups.Of(set, all, view, _mostRows, trial => TorchExecutor.RowsPerPass(_prefix.PlanFor(_inputs.ShapesOf(set, trial)), trial.Length, _mostRows));
        var done = 0;
        for (var p = 0; p < passes.Count; p++)
        {
            if (stop.IsCancellationRequested)
            {
                _cache.Release(buffer);
                return false;
            }
            using var scope = torch.NewDisposeScope();
            var rows = passes[p];
            if (p + 1 < passes.Count) TorchInputs.Expect(set, passes.Skip(p + 1).Take(4).SelectMany(g => g).ToArray(), view);
            using var batch = _inputs.Gather(set, rows, view);
            var boundary = _prefix.Forward(batch.Values);
            for (var i = 0; i < boundary.Length; i++) Keep(boundary[i], i, rows, places, buffer);
            foreach (var value in boundary) value.Dispose();
            progress?.Invoke(done += rows.Length, set.Rows);
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
        var places = RowsOf(set, view);
        var values = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        for (var i = 0; i < _cut.Boundary.Count; i++)
        {
            var boundary = _cut.Boundary[i];
            var shape = places.ShapeOf(boundary, rows);
            var value = boundary.Unit == BoundaryUnit.Token ? torch.zeros(shape, torch.ScalarType.Float32) : torch.empty(shape, torch.ScalarType.Float32);
            var floats = TorchTensors.Floats(value);
            var (at, line) = (0, boundary.Unit == BoundaryUnit.Token ? checked((int)shape[1] * boundary.Width) : 0);
            foreach (var row in rows)
            {
                var from = places.StartOf(i, row);
                if (boundary.Unit != BoundaryUnit.Token)
                {
                    var length = places.VectorsOf(boundary, row) * boundary.Width;
                    _cache.Read(set, view, from, floats.Slice(at, length));
                    at += length;
                    continue;
                }
                for (var s = row * places.PerRow; s < (row + 1) * places.PerRow; s++, at += line)
                {
                    var length = places.LengthOf(s) * boundary.Width;
                    _cache.Read(set, view, from, floats.Slice(at, length));
                    from += length;
                }
            }
            values.Add(boundary.Name, _inputs.Place(value));
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
    private static int ViewFor(EncodedSet set, int view) => set.Inputs.Any(i => i is StreamedInput { IsAugmented: true } or TokenInput { Source.IsAugmented: true }) ? view : StreamedInput.PlainView;

    private PrefixRows RowsOf(EncodedSet set, int view)
    {
        if (_rows is { } last && ReferenceEquals(last.Set, set) && last.View == view) return last.Rows;
        var rows = new PrefixRows(_cut.Boundary, set, view);
        _rows = (set, view, rows);
        return rows;
    }

    private static int[] Range(int start, int count)
    {
        var rows = new int[count];
        for (var i = 0; i < count; i++) rows[i] = start + i;
        return rows;
    }

    /// <summary>Keeps a boundary value of some rows, without its padding.</summary>
    private void Keep(torch.Tensor value, int index, int[] rows, PrefixRows places, TensorBuffer buffer)
    {
        var boundary = _cut.Boundary[index];
        using var wide = value.to_type(torch.ScalarType.Float32, false, false, false);
        using var host = wide.cpu();
        using var packed = host.contiguous();
        var source = TorchTensors.Floats(packed);
        var expected = places.ShapeOf(boundary, rows);
        if (source.Length != Graphs.Tensor.Product(expected)) throw new InvalidOperationException($"The value '{boundary.Name}' has shape [{string.Join(", ", value.shape)}] for {rows.Length} rows; [{string.Join(", ", expected)}] was expected.");
        var (at, line) = (0, boundary.Unit == BoundaryUnit.Token ? checked((int)expected[1] * boundary.Width) : 0);
        foreach (var row in rows)
        {
            var to = places.StartOf(index, row);
            if (boundary.Unit != BoundaryUnit.Token)
            {
                var length = places.VectorsOf(boundary, row) * boundary.Width;
                _cache.Write(buffer, to, source.Slice(at, length));
                at += length;
                continue;
            }
            for (var s = row * places.PerRow; s < (row + 1) * places.PerRow; s++, at += line)
            {
                var length = places.LengthOf(s) * boundary.Width;
                _cache.Write(buffer, to, source.Slice(at, length));
                to += length;
            }
        }
    }
}
