using Attune.Graphs;
using Attune.Losses;
using Attune.Numerics;
using Attune.Optimizers;
using Attune.Weights;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// The weights of a compiled model. Trainable ones, their gradients and the optimizer's states lie in flat fp32 buffers of one layout, so that a norm or an update is
/// one pass over memory and an all-reduce would need no copies; every gradient that autograd fills is a view of that buffer.
/// </summary>
internal sealed unsafe class TorchParameters : IDisposable
{
    private const int Chunk = 1 << 16;
    private const int Alignment = 16;

    private readonly Graph _graph;
    private readonly int _threads;
    private readonly Dictionary<string, TorchParameter> _byName = new(StringComparer.Ordinal);
    private readonly TorchParameter[] _trainable;
    private readonly HashSet<string> _changingBuffers;
    private readonly torch.Tensor _weights, _gradients;
    private readonly torch.Tensor? _start;
    private readonly torch.Tensor?[] _states = new torch.Tensor?[OptimizerState.Most];
    private bool _isPulled;

    /// <summary>Copies the weights in.</summary>
    /// <param name="graph">The graph that runs.</param>
    /// <param name="options">What trains, threads, whether BatchNormalization's statistics move.</param>
    /// <param name="device">Where the weights live.</param>
    /// <exception cref="WeightsException">A trainable weight is unknown, no real number, or nothing that is computed uses it.</exception>
    public TorchParameters(Graph graph, CompileOptions options, torch.Device device)
    {
        (_graph, _threads, Device) = (graph, options.Threads, device);
        IsChannelsLast = graph.Nodes.Any(n => n.Operator == "Conv");
        var kernels = IsChannelsLast ? graph.Nodes.Where(n => n.Operator == "Conv" && n.Inputs.Count > 1).Select(n => n.Inputs[1]).ToHashSet(StringComparer.Ordinal) : [];
        var used = graph.Nodes.SelectMany(GraphSort.Reads).Where(graph.Weights.Contains).Select(n => graph.Weights[n].Name).ToHashSet(StringComparer.Ordinal);
        var settings = new Dictionary<string, TrainableWeight>(StringComparer.Ordinal);
        foreach (var trainable in options.Trainable)
        {
            var weight = graph.Weights[trainable.Name];
            if (!weight.Value.Type.IsFloating()) throw new WeightsException($"Weight '{trainable.Name}' holds {weight.Value.Type} and cannot train.");
            if (!used.Contains(weight.Name)) throw new WeightsException($"Nothing that is computed uses the weight '{trainable.Name}', so it cannot train.");
            if (!settings.TryAdd(weight.Name, trainable)) throw new WeightsException($"The weight '{weight.Name}' is listed twice among those that train.");
        }
        var total = settings.Keys.Sum(n => Padded(graph.Weights[n].Count));
        _weights = torch.zeros([Math.Max(1, total)], torch.ScalarType.Float32, device);
        _gradients = torch.zeros([Math.Max(1, total)], torch.ScalarType.Float32, device);
        using (torch.no_grad())
        {
            var offset = 0L;
            var trainables = new List<TorchParameter>();
            foreach (var name in settings.Keys)
            {
                var parameter = Trained(graph.Weights[name], settings[name], offset, IsKernel(graph.Weights[name]));
                offset += Padded(parameter.Count);
                trainables.Add(parameter);
                _byName.Add(name, parameter);
            }
            _trainable = [.. trainables];
            foreach (var weight in graph.Weights.All)
            {
                if (settings.ContainsKey(weight.Name) || weight.Role == WeightRole.Constant || !used.Contains(weight.Name)) continue;
                _byName.Add(weight.Name, options is { Shared: { } shared, Trainable.Count: 0, Device: "cpu" } ? Frozen(weight, IsKernel(weight), shared) : Frozen(weight, IsKernel(weight)));
            }
            foreach (var parameter in _byName.Values) parameter.Weight.Value.Data.PageOut();   // the engine has its own copy now
            if (_trainable.Any(p => p.Trainable!.L2Sp != 0)) _start = _weights.clone();
        }
        foreach (var parameter in _trainable) parameter.Value.requires_grad_(true);
        AttachGradients();
        _changingBuffers = options.FreezeBatchNorm || _trainable.Length == 0 ? [] : [.. graph.Nodes.Where(n => n.Operator == "BatchNormalization").SelectMany(n => n.Inputs.Skip(3)).Where(graph.Weights.Contains).Select(n => graph.Weights[n].Name)];

        bool IsKernel(Weight weight) => weight.Value.Sizes.Count == 4 && weight.Aliases.Prepend(weight.Name).Any(kernels.Contains);
    }

    /// <summary>Where the weights live.</summary>
    public torch.Device Device { get; }

    /// <summary>True when convolution kernels and the values between them lie channels-last in memory.</summary>
    public bool IsChannelsLast { get; }

    /// <summary>The weight of a canonical name, or null when nothing that is computed uses it.</summary>
    public TorchParameter? Find(string name) => _byName.GetValueOrDefault(_graph.Weights[name].Name);

    /// <summary>The weights that train, in the order of the options.</summary>
    public IReadOnlyList<TorchParameter> Trainable => _trainable;

    /// <summary>Makes every gradient a view of the flat buffer; to be called again when autograd put another tensor there.</summary>
    public void AttachGradients()
    {
        foreach (var parameter in _trainable) parameter.Value.grad = parameter.Gradient;
    }

    /// <summary>Norm of the gradients of all weights that take part at <paramref name="step"/>, L2-SP's included, in double.</summary>
    public double GradientNorm(long step)
    {
        Pull();
        if (!IsHere) return Math.Sqrt(_trainable.Where(p => p.Trainable!.FirstStep <= step).Sum(p => Part(_gradients, p, part => part.to_type(torch.ScalarType.Float64).Square().sum().cpu().item<double>())));
        var pointer = TorchTensors.Pointer(_gradients);
        var chunks = Chunks().Where(c => c.Owner.Trainable!.FirstStep <= step).ToList();
        var sums = new double[chunks.Count];
        Run(chunks.Count, i => sums[i] = SquareSum.Of(new ReadOnlySpan<float>(pointer + chunks[i].Start, chunks[i].Length)));
        return Math.Sqrt(sums.Sum());   // in chunk order, whatever the threads
    }

    /// <summary>One optimizer step; clears the gradients.</summary>
    public void Update(Optimizer optimizer, UpdateStep update)
    {
        Pull();
        for (var i = 0; i < optimizer.StateCount; i++) _states[i] ??= torch.zeros_like(_weights).DetachFromDisposeScope();
        if (!IsHere)
        {
            UpdateThere(optimizer, update);
            return;
        }
        if (!optimizer.IsElementwise)
        {
            UpdateWhole(optimizer, update);
            return;
        }
        float* weights = TorchTensors.Pointer(_weights), gradients = TorchTensors.Pointer(_gradients);
        var states = new nint[OptimizerState.Most];
        for (var i = 0; i < optimizer.StateCount; i++) states[i] = (nint)TorchTensors.Pointer(_states[i]!);
        var chunks = Chunks();
        Run(chunks.Count, i =>
        {
            var (start, length, owner) = chunks[i];
            var first = owner.Trainable!.FirstStep;
            if (update.Step < first)
            {
                new Span<float>(gradients + start, length).Clear();
                return;
            }
            var mine = update with { Step = update.Step - first, LearningRate = update.LearningRate * owner.Trainable.LearningRateScale, WeightDecay = owner.Trainable.WeightDecay };
            var gradient = new Span<float>(gradients + start, length);
            optimizer.Update(new Span<float>(weights + start, length), gradient, new OptimizerState(State(0), State(1), State(2), State(3)), mine);
            gradient.Clear();

            Span<float> State(int k) => k < optimizer.StateCount ? new Span<float>((float*)states[k] + start, length) : [];
        });
        _isPulled = false;
    }

    // Whole weights in the store's layout, one after the other: norms and row means are of them.
    private void UpdateWhole(Optimizer optimizer, UpdateStep update)
    {
        foreach (var parameter in _trainable)
        {
            var (trainable, count) = (parameter.Trainable!, checked((int)parameter.Count));
            if (update.Step < trainable.FirstStep) continue;
            var buffers = new float[2 + optimizer.StateCount][];
            for (var i = 0; i < buffers.Length; i++)
            {
                buffers[i] = new float[count];
                Read(parameter, i == 0 ? _weights : i == 1 ? _gradients : _states[i - 2]!, buffers[i]);
            }
            optimizer.Update(buffers[0], buffers[1], OptimizerState.Of(buffers[2..]), update with
            {
                Step = update.Step - trainable.FirstStep,
                LearningRate = update.LearningRate * trainable.LearningRateScale,
                WeightDecay = trainable.WeightDecay,
                Sizes = parameter.Weight.Value.Sizes,
            });
            for (var i = 0; i < buffers.Length; i++)
            {
                if (i != 1) Write(parameter, i == 0 ? _weights : _states[i - 2]!, buffers[i]);
            }
        }
        Clear();
    }

    private static void Write(TorchParameter parameter, torch.Tensor flat, ReadOnlySpan<float> values)
    {
        using var _ = torch.no_grad();
        using var given = Packed(values, parameter.Weight.Value.Sizes);
        using var view = parameter.View(flat);
        view.copy_(given);
    }

    /// <summary>The same for weights that are in another device's memory.</summary>
    private void UpdateThere(Optimizer optimizer, UpdateStep update)
    {
        foreach (var parameter in _trainable)
        {
            var first = parameter.Trainable!.FirstStep;
            if (update.Step < first) continue;
            var mine = update with { Step = update.Step - first, LearningRate = update.LearningRate * parameter.Trainable.LearningRateScale, WeightDecay = parameter.Trainable.WeightDecay };
            using var scope = torch.NewDisposeScope();
            TorchUpdate.Apply(optimizer, Flat(_weights, parameter), Flat(_gradients, parameter), [.. _states.TakeWhile(s => s is not null).Select(s => Flat(s!, parameter))], mine with { Sizes = parameter.Weight.Value.Sizes });
        }
        _gradients.zero_();
        _isPulled = false;
    }

    /// <summary>True when the weights are in this process's memory, where they are read and written directly.</summary>
    private bool IsHere => Device.type == DeviceType.CPU;

    private static torch.Tensor Flat(torch.Tensor flat, TorchParameter parameter) => flat.narrow(0, parameter.Offset, parameter.Count);

    private static double Part(torch.Tensor flat, TorchParameter parameter, Func<torch.Tensor, double> of)
    {
        using var scope = torch.NewDisposeScope();
        return of(Flat(flat, parameter));
    }

    /// <summary>Clears the gradients.</summary>
    public void Clear()
    {
        if (!IsHere)
        {
            _gradients.zero_();
            _isPulled = false;
            return;
        }
        var pointer = TorchTensors.Pointer(_gradients);
        foreach (var (start, length, _) in Chunks()) new Span<float>(pointer + start, length).Clear();
        _isPulled = false;
    }

    /// <summary>Copies a gradient in the store's layout.</summary>
    public void ReadGradient(string name, Span<float> destination)
    {
        if (Find(name) is not { Trainable: not null } parameter) throw new WeightsException($"Weight '{name}' does not train; it has no gradient.");
        Pull();
        Read(parameter, _gradients, destination);
    }

    /// <summary>Copies a weight or buffer in the store's layout.</summary>
    public void ReadWeight(string name, Span<float> destination)
    {
        if (Find(name) is { } parameter) ReadValue(parameter, destination);
        else Floats(_graph.Weights[name].Value).CopyTo(destination);
    }

    /// <summary>Sets a weight or buffer from the store's layout.</summary>
    public void WriteWeight(string name, ReadOnlySpan<float> source)
    {
        var parameter = Find(name) ?? throw new WeightsException($"Nothing that this model computes uses '{name}'.");
        if (source.Length != parameter.Count) throw new ArgumentException($"Weight '{name}' has {parameter.Count} values; got {source.Length}.", nameof(source));
        using var _ = torch.no_grad();
        using var given = Packed(source, parameter.Weight.Value.Sizes);
        using var target = parameter.Value.detach();
        target.copy_(given);
    }

    /// <summary>Everything that training changes.</summary>
    public TrainingState Capture()
    {
        var weights = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var (name, parameter) in _byName)
        {
            if (!Changes(parameter)) continue;
            var values = new float[parameter.Count];
            ReadValue(parameter, values);
            weights.Add(name, values);
        }
        return new TrainingState(weights, [.. _states.TakeWhile(s => s is not null).Select(States)]);
    }

    /// <summary>Puts a captured state back.</summary>
    public void Restore(TrainingState state)
    {
        foreach (var (name, values) in state.Weights)
        {
            if (Find(name) is not { } parameter || !Changes(parameter))
                throw new WeightsException($"The captured state has '{name}', which does not change in this model. It was captured with other trainable weights.");
            WriteWeight(name, values);
        }
        if (_byName.FirstOrDefault(p => Changes(p.Value) && !state.Weights.ContainsKey(p.Key)).Key is { } missing)
            throw new WeightsException($"The captured state lacks '{missing}'. It was captured with other trainable weights.");
        for (var i = 0; i < _states.Length; i++) _states[i] = Restore(_states[i], state.State(i));
        Clear();
    }

    /// <summary>Puts what has changed into the store as new tensors of the old type; the old bytes may be a mapped file.</summary>
    public void Save(WeightStore store)
    {
        foreach (var (name, parameter) in _byName)
        {
            if (!Changes(parameter)) continue;
            var values = new float[parameter.Count];
            ReadValue(parameter, values);
            var weight = store[name];
            store.Replace(weight with { Value = Tensor.Of(values, [.. weight.Value.Sizes]).ToFloating(weight.Value.Type) });
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in _byName.Values)
        {
            parameter.Value.Dispose();
            parameter.Gradient?.Dispose();
        }
        foreach (var flat in (torch.Tensor?[])[_weights, _gradients, _start, .. _states]) flat?.Dispose();
    }

    /// <summary>True when training changes the weight or buffer.</summary>
    public bool Changes(string name) => Find(name) is { } parameter && Changes(parameter);

    private bool Changes(TorchParameter parameter) => parameter.Trainable is not null || _changingBuffers.Contains(parameter.Weight.Name);

    private TorchParameter Trained(Weight weight, TrainableWeight trainable, long offset, bool channelsLast)
    {
        var view = TorchParameter.View(_weights, offset, weight.Value.Sizes, channelsLast);
        using var stored = TorchTensors.FromStored(weight.Value.ToFloat());   // copy_ crosses devices
        view.copy_(stored);
        var leaf = view.detach();
        view.Dispose();
        return new TorchParameter(weight, trainable, offset, channelsLast)
        {
            Value = leaf.DetachFromDisposeScope(),
            Gradient = TorchParameter.View(_gradients, offset, weight.Value.Sizes, channelsLast).DetachFromDisposeScope(),
        };
    }

    private TorchParameter Frozen(Weight weight, bool channelsLast, SharedWeights shared)
        => new(weight, null, -1, channelsLast) { Value = shared.Of(weight.Value, () => Frozen(weight, channelsLast).Value).alias().DetachFromDisposeScope() };

    private TorchParameter Frozen(Weight weight, bool channelsLast)
    {
        var value = TorchTensors.FromStored(weight.Value.Type.IsFloating() ? weight.Value.ToFloat() : weight.Value);
        if (channelsLast)
        {
            using var flat = torch.empty([Math.Max(1, weight.Count)], torch.ScalarType.Float32);
            var strided = TorchParameter.View(flat, 0, weight.Value.Sizes, true);
            strided.copy_(value);
            value.Dispose();
            value = strided;
        }
        if (!IsHere)
        {
            var moved = value.to(Device);
            value.Dispose();
            value = moved;
        }
        return new TorchParameter(weight, null, -1, channelsLast) { Value = value.DetachFromDisposeScope() };
    }

    // Adds L2-SP's gradient α·(w − w₀), once per window.
    private void Pull()
    {
        if (_start is null || _isPulled) return;
        _isPulled = true;
        if (!IsHere)
        {
            using var scope = torch.NewDisposeScope();
            foreach (var parameter in _trainable.Where(p => p.Trainable!.L2Sp != 0))
                Flat(_gradients, parameter).Add_(Flat(_weights, parameter).sub(Flat(_start, parameter)), alpha: parameter.Trainable!.L2Sp);
            return;
        }
        float* now = TorchTensors.Pointer(_weights), before = TorchTensors.Pointer(_start), gradients = TorchTensors.Pointer(_gradients);
        var chunks = Chunks();
        Run(chunks.Count, i =>
        {
            var (start, length, owner) = chunks[i];
            var strength = (float)owner.Trainable!.L2Sp;
            if (strength == 0) return;
            L2Sp.AddGradient(new ReadOnlySpan<float>(now + start, length), new ReadOnlySpan<float>(before + start, length), strength, new Span<float>(gradients + start, length));
        });
    }

    private List<(long Start, int Length, TorchParameter Owner)> Chunks()
    {
        if (_chunks is { } known) return known;
        var chunks = new List<(long, int, TorchParameter)>();
        foreach (var parameter in _trainable)
        {
            for (long start = 0; start < parameter.Count; start += Chunk)
                chunks.Add((parameter.Offset + start, (int)Math.Min(Chunk, parameter.Count - start), parameter));
        }
        return _chunks = chunks;
    }

    private List<(long, int, TorchParameter)>? _chunks;

    private void Run(int count, Action<int> body)
    {
        if (_threads == 1 || count == 1)
        {
            for (var i = 0; i < count; i++) body(i);
            return;
        }
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = _threads }, body);
    }

    private static void ReadValue(TorchParameter parameter, Span<float> destination)
    {
        using var _ = torch.no_grad();
        using var host = parameter.Value.cpu();
        using var packed = host.contiguous();
        Copy(parameter, packed, destination);
    }

    private static void Read(TorchParameter parameter, torch.Tensor flat, Span<float> destination)
    {
        using var _ = torch.no_grad();
        using var view = parameter.View(flat);
        using var host = view.cpu();
        using var packed = host.contiguous();
        Copy(parameter, packed, destination);
    }

    private static void Copy(TorchParameter parameter, torch.Tensor packed, Span<float> destination)
    {
        if (destination.Length != parameter.Count) throw new ArgumentException($"Weight '{parameter.Weight.Name}' has {parameter.Count} values; got room for {destination.Length}.", nameof(destination));
        TorchTensors.Floats(packed).CopyTo(destination);
    }

    private Dictionary<string, float[]> States(torch.Tensor? flat)
    {
        var states = new Dictionary<string, float[]>(StringComparer.Ordinal);
        if (flat is null) return states;
        foreach (var parameter in _trainable)
        {
            var values = new float[parameter.Count];
            Read(parameter, flat, values);
            states.Add(parameter.Weight.Name, values);
        }
        return states;
    }

    private torch.Tensor? Restore(torch.Tensor? flat, IReadOnlyDictionary<string, float[]> states)
    {
        if (states.Count == 0 && flat is null) return null;
        using var _ = torch.no_grad();
        flat ??= torch.zeros_like(_weights).DetachFromDisposeScope();
        flat.zero_();
        foreach (var parameter in _trainable)
        {
            if (!states.TryGetValue(parameter.Weight.Name, out var values)) continue;
            Write(parameter, flat, values);
        }
        return flat;
    }

    private static torch.Tensor Packed(ReadOnlySpan<float> values, IReadOnlyList<long> sizes)
    {
        var packed = torch.empty([.. sizes], torch.ScalarType.Float32);
        values.CopyTo(TorchTensors.Floats(packed));
        return packed;
    }

    private static ReadOnlySpan<float> Floats(Tensor stored) => stored.ToFloat().Data.Span<float>();

    private static long Padded(long count) => (count + Alignment - 1) / Alignment * Alignment;
}
