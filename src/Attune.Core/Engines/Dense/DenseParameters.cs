using System.Numerics;
using System.Runtime.CompilerServices;
using Attune.Losses;
using Attune.Numerics;
using Attune.Optimizers;
using Attune.Weights;

namespace Attune.Engines.Dense;

/// <summary>
/// The parameters of a model in flat buffers of one layout: trainable matrices and vectors first (these have dense gradients), then embedding tables.
/// Padding is zero in weights, gradients and states, and every update rule keeps it so.
/// </summary>
internal sealed unsafe class DenseParameters
{
    private const int ZeroBlock = 4096;

    private readonly DenseContext _context;
    private readonly DenseMemory _memory;
    private readonly Dictionary<string, DenseParameter> _byName = new(StringComparer.Ordinal);
    private readonly DenseParameter[] _trainable;
    private readonly Group[] _groups;
    private readonly WeightStore _store;
    private readonly long _dense, _total;
    private readonly float* _weights, _zeros;
    private readonly float* _start;   // weights at compile time, for L2-SP
    private readonly Action<int> _updateShard;
    private readonly int _threads;
    private readonly bool _isStaged;   // some weights join later
    private readonly nint[] _states = new nint[OptimizerState.Most];   // flat buffers as the rule needs them
    private float[]? _whole;   // one weight, its gradient and states in the store's layout, for rules that are not element-wise
    private bool _isFinished;

    // Arguments of the update that runs.
    private Optimizer? _optimizer;
    private UpdateStep _update;
    private int _updateShards;

    public DenseParameters(DensePlan plan, DenseMemory memory, DenseContext context, int threads)
    {
        (_context, _memory, _threads, _store, _updateShard) = (context, memory, threads, plan.Graph.Weights, UpdateShard);
        foreach (var parameter in plan.Parameters.Values) _byName.Add(parameter.Name, parameter);
        var named = plan.Options.Trainable.Select(t => _byName[plan.Graph.Weights[t.Name].Name]).ToList();
        _trainable = [.. named.Where(p => p.Layout != ParameterLayout.Table), .. named.Where(p => p.Layout == ParameterLayout.Table)];
        foreach (var parameter in _trainable)
        {
            parameter.Offset = _total;
            _total += parameter.PhysicalLength;
            if (parameter.Layout != ParameterLayout.Table) _dense = _total;
            else parameter.Sparse = new SparseRows(parameter.Rows, parameter.Columns);
        }
        _weights = memory.Floats(_total);
        for (var i = 0; i < threads; i++) context.SetGradients(i, memory.Floats(_dense));
        foreach (var parameter in plan.Parameters.Values)
        {
            parameter.Data = parameter.Trainable is null ? memory.Floats(parameter.PhysicalLength) : _weights + parameter.Offset;
            parameter.FromStore(DenseParameter.Floats(parameter.Weight.Value), parameter.Data);
        }
        _groups = Groups(_trainable);
        _isStaged = _trainable.Any(p => p.Trainable!.FirstStep > 0);
        if (_trainable.Any(p => p.Sparse is not null)) _zeros = memory.Floats(ZeroBlock);
        if (!_trainable.Any(p => p.Trainable!.L2Sp != 0)) return;
        _start = memory.Floats(_total);
        Buffer.MemoryCopy(_weights, _start, _total * sizeof(float), _total * sizeof(float));
    }

    /// <summary>The parameter of a name or alias, or null when the plan does not use it.</summary>
    public DenseParameter? Find(string name) => _byName.GetValueOrDefault(_store[name].Name);

    /// <summary>Norm of the gradients of all weights that take part at <paramref name="step"/>.</summary>
    public double GradientNorm(long step)
    {
        Finish();
        double sum = 0;
        if (!_isStaged) sum = SquareSum.Of(new ReadOnlySpan<float>(_context.Gradients(0), checked((int)_dense)));
        foreach (var parameter in _trainable)
        {
            if (parameter.Trainable!.FirstStep > step) continue;
            if (parameter.Sparse is { } sparse) sum += SquareSum.Of(sparse.Values);
            else if (_isStaged) sum += SquareSum.Of(new ReadOnlySpan<float>(_context.Gradients(0) + parameter.Offset, checked((int)parameter.PhysicalLength)));
        }
        return Math.Sqrt(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update(Optimizer optimizer, in UpdateStep update)
    {
        Finish(reduce: false);
        for (var i = 0; i < optimizer.StateCount; i++)
        {
            if (_states[i] == 0) _states[i] = (nint)_memory.Floats(_total);
        }
        (_optimizer, _update) = (optimizer, update);
        _updateShards = DenseThreads.UpdateShards(_total, _threads);
        if (!optimizer.IsElementwise) UpdateWhole(optimizer);
        else if (_context.Team is { } team) team.Run(_updateShard, _updateShards);
        else UpdateShard(0);
        _optimizer = null;
        foreach (var parameter in _trainable) parameter.Version++;
        Clear();
    }

    public void Clear()
    {
        Array.Fill(_context.Fresh, true);
        foreach (var parameter in _trainable) parameter.Sparse?.Clear();
        _isFinished = false;
    }

    public void ReadGradient(string name, Span<float> destination)
    {
        Finish();
        var parameter = Find(name);
        if (parameter?.Trainable is null) throw new WeightsException($"Weight '{name}' does not train; it has no gradient.");
        if (destination.Length != parameter.Count) throw new ArgumentException($"Weight '{name}' has {parameter.Count} values; got {destination.Length}.", nameof(destination));
        ReadGradient(parameter, destination);
    }

    private void ReadGradient(DenseParameter parameter, Span<float> destination)
    {
        if (parameter.Sparse is not { } sparse)
        {
            parameter.ToStore(_context.Gradients(0) + parameter.Offset, destination);
            return;
        }
        destination.Clear();
        for (var row = 0; row < parameter.Rows; row++) sparse.Find(row).CopyTo(destination[(row * parameter.Columns)..]);
    }

    public TrainingState Capture()
    {
        var weights = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var parameter in _byName.Values)
        {
            if (parameter.Trainable is not null || parameter.IsChangingBuffer) weights.Add(parameter.Name, Read(parameter, parameter.Data));
        }
        return new TrainingState(weights, [.. _states.TakeWhile(s => s != 0).Select(s => States((float*)s))]);
    }

    public void Restore(TrainingState state)
    {
        foreach (var (name, values) in state.Weights)
        {
            var parameter = Find(name);
            if (parameter is null || (parameter.Trainable is null && !parameter.IsChangingBuffer))
                throw new WeightsException($"The captured state has '{name}', which does not change in this model. It was captured with other trainable weights.");
            parameter.FromStore(values, parameter.Data);
            parameter.Version++;
        }
        if (_byName.Values.FirstOrDefault(p => (p.Trainable is not null || p.IsChangingBuffer) && !state.Weights.ContainsKey(p.Name)) is { } missing)
            throw new WeightsException($"The captured state lacks '{missing.Name}'. It was captured with other trainable weights.");
        for (var i = 0; i < _states.Length; i++) _states[i] = (nint)Restore((float*)_states[i], state.State(i));
        Clear();
    }

    /// <summary>Puts what has changed into the store as new tensors of the old type; the old bytes may be a mapped file.</summary>
    public void Save(WeightStore store)
    {
        foreach (var parameter in _byName.Values)
        {
            if (parameter.Trainable is null && !parameter.IsChangingBuffer) continue;
            var weight = store[parameter.Name];
            store.Replace(weight with { Value = DenseParameter.Replace(weight.Value, Read(parameter, parameter.Data)) });
        }
    }

    private static float[] Read(DenseParameter parameter, float* source)
    {
        var values = new float[parameter.Count];
        parameter.ToStore(source, values);
        return values;
    }

    private Dictionary<string, float[]> States(float* buffer)
    {
        var states = new Dictionary<string, float[]>(StringComparer.Ordinal);
        if (buffer is null) return states;
        foreach (var parameter in _trainable) states.Add(parameter.Name, Read(parameter, buffer + parameter.Offset));
        return states;
    }

    private float* Restore(float* buffer, IReadOnlyDictionary<string, float[]> states)
    {
        if (states.Count == 0 && buffer is null) return null;
        if (buffer is null) buffer = _memory.Floats(_total);
        foreach (var parameter in _trainable)
        {
            if (states.TryGetValue(parameter.Name, out var values)) parameter.FromStore(values, buffer + parameter.Offset);
            else new Span<float>(buffer + parameter.Offset, checked((int)parameter.PhysicalLength)).Clear();
        }
        return buffer;
    }

    // Neighbours with equal settings are updated in one call.
    private static Group[] Groups(DenseParameter[] trainable)
    {
        var groups = new List<Group>();
        foreach (var parameter in trainable)
        {
            if (parameter.Sparse is not null) continue;
            var (scale, decay, first) = (parameter.Trainable!.LearningRateScale, parameter.Trainable.WeightDecay, parameter.Trainable.FirstStep);
            if (groups.Count > 0 && groups[^1] is var last && last.Scale == scale && last.Decay == decay && last.FirstStep == first) groups[^1] = last with { Length = last.Length + parameter.PhysicalLength };
            else groups.Add(new Group(parameter.Offset, parameter.PhysicalLength, scale, decay, first));
        }
        return [.. groups];
    }

    // Adds the threads' gradients in thread order and L2-SP's, once per window. The update adds the threads' itself, range by range.
    private void Finish(bool reduce = true)
    {
        if (_context.Fresh[0])
        {
            new Span<float>(_context.Gradients(0), checked((int)_dense)).Clear();
            _context.Fresh[0] = false;
        }
        if (reduce || _start is not null)
        {
            Reduce(0, _dense);
            for (var i = 1; i < _threads; i++) _context.Fresh[i] = true;
        }
        if (_start is null || _isFinished) return;
        _isFinished = true;
        foreach (var parameter in _trainable) PullToStart(parameter);
    }

    private void Reduce(long start, long end)
    {
        var target = _context.Gradients(0);
        for (var i = 1; i < _threads; i++)
        {
            if (_context.Fresh[i]) continue;
            var source = _context.Gradients(i);
            var step = Vector<float>.Count;
            for (var k = start; k < end; k += step)
                System.Numerics.Vector.Store(System.Numerics.Vector.Load(target + k) + System.Numerics.Vector.Load(source + k), target + k);
        }
    }

    private void PullToStart(DenseParameter parameter)
    {
        var strength = (float)parameter.Trainable!.L2Sp;
        if (strength == 0) return;
        float* now = parameter.Data, before = _start + parameter.Offset;
        if (parameter.Sparse is not { } sparse)
        {
            var length = checked((int)parameter.PhysicalLength);
            L2Sp.AddGradient(new ReadOnlySpan<float>(now, length), new ReadOnlySpan<float>(before, length), strength, new Span<float>(_context.Gradients(0) + parameter.Offset, length));
            return;
        }
        for (var row = 0; row < parameter.Rows; row++)
        {
            var offset = (long)row * parameter.Columns;
            L2Sp.AddGradient(new ReadOnlySpan<float>(now + offset, parameter.Columns), new ReadOnlySpan<float>(before + offset, parameter.Columns), strength, sparse.Touch(row));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void UpdateShard(int shard)
    {
        // Ranges are multiples of 16 floats; the rule is element-wise, so the cut never shows in the bits.
        var blocks = _dense / 16;
        long start = blocks * shard / _updateShards * 16, end = blocks * (shard + 1) / _updateShards * 16;
        Reduce(start, end);
        foreach (var group in _groups)
        {
            long from = Math.Max(start, group.Start), to = Math.Min(end, group.Start + group.Length);
            if (from < to) Apply(from, to - from, _context.Gradients(0) + from, group.Scale, group.Decay, group.FirstStep);
        }
        if (shard != 0) return;
        foreach (var parameter in _trainable)
        {
            if (parameter.Sparse is { } sparse) UpdateTable(parameter, sparse);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(long offset, long length, float* gradient, double scale, double decay, long firstStep)
    {
        if (_update.Step < firstStep) return;
        var count = checked((int)length);
        var update = _update with { Step = _update.Step - firstStep, LearningRate = _update.LearningRate * scale, WeightDecay = decay };
        _optimizer!.Update(new Span<float>(_weights + offset, count), new ReadOnlySpan<float>(gradient, count),
            new OptimizerState(State(0), State(1), State(2), State(3)), update);

        Span<float> State(int i) => i < _optimizer.StateCount ? new Span<float>((float*)_states[i] + offset, count) : [];
    }

    // Whole weights in the store's layout, one after the other: norms and row means are of them.
    private void UpdateWhole(Optimizer optimizer)
    {
        Reduce(0, _dense);
        foreach (var parameter in _trainable)
        {
            var trainable = parameter.Trainable!;
            if (_update.Step < trainable.FirstStep) continue;
            var count = parameter.Count;
            if (_whole is null || _whole.Length < (2 + OptimizerState.Most) * count) _whole = new float[(2 + OptimizerState.Most) * count];
            parameter.ToStore(parameter.Data, _whole.AsSpan(0, count));
            ReadGradient(parameter, _whole.AsSpan(count, count));
            for (var i = 0; i < optimizer.StateCount; i++) parameter.ToStore((float*)_states[i] + parameter.Offset, Part(2 + i));
            var state = new OptimizerState(State(0), State(1), State(2), State(3));
            optimizer.Update(Part(0), Part(1), state, _update with
            {
                Step = _update.Step - trainable.FirstStep,
                LearningRate = _update.LearningRate * trainable.LearningRateScale,
                WeightDecay = trainable.WeightDecay,
                Sizes = parameter.Weight.Value.Sizes,
            });
            parameter.FromStore(Part(0), parameter.Data);
            for (var i = 0; i < optimizer.StateCount; i++) parameter.FromStore(Part(2 + i), (float*)_states[i] + parameter.Offset);

            Span<float> Part(int i) => _whole.AsSpan(i * count, count);
            Span<float> State(int i) => i < optimizer.StateCount ? Part(2 + i) : [];
        }
    }

    // Touched rows with their gradients, runs of untouched rows with zeros: what a dense gradient would do.
    private void UpdateTable(DenseParameter parameter, SparseRows sparse)
    {
        var (scale, decay, first) = (parameter.Trainable!.LearningRateScale, parameter.Trainable.WeightDecay, parameter.Trainable.FirstStep);
        var width = parameter.Columns;
        var row = 0;
        while (row < parameter.Rows)
        {
            var gradient = sparse.Find(row);
            if (gradient.Length > 0)
            {
                fixed (float* values = gradient) Apply(parameter.Offset + (long)row * width, width, values, scale, decay, first);
                row++;
                continue;
            }
            var start = row;
            while (row < parameter.Rows && sparse.Find(row).Length == 0) row++;
            for (var offset = (long)start * width; offset < (long)row * width; offset += ZeroBlock)
                Apply(parameter.Offset + offset, Math.Min(ZeroBlock, (long)row * width - offset), _zeros, scale, decay, first);
        }
    }

    private readonly record struct Group(long Start, long Length, double Scale, double Decay, long FirstStep);
}
