using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>Runs a graph: plans by shape class, weights, random numbers, precision. One run at a time.</summary>
internal sealed class TorchExecutor : IDisposable
{
    private const int MostPlans = 64;
    private const long PassBytes = 20L << 20;

    private readonly Dictionary<string, TorchPlan> _plans = new(StringComparer.Ordinal);
    private readonly Queue<string> _planOrder = new();
    private readonly Dictionary<TorchPlan, TorchCheckpointing> _checkpointing = [];
    private readonly Dictionary<TorchPlan, Dictionary<int, TorchParameter>> _tables = [];
    private readonly IReadOnlyList<string> _outputs;
    private readonly TorchParameters _parameters;
    private readonly CompileOptions _options;
    private readonly IReadOnlyDictionary<string, double>? _noise;
    private readonly torch.Device _device;
    private readonly Dictionary<string, torch.Tensor> _low = new(StringComparer.Ordinal);

    /// <summary>An executor of some values of a graph.</summary>
    /// <param name="graph">The graph; its inputs are what <see cref="Forward"/> is given.</param>
    /// <param name="outputs">Values to compute.</param>
    /// <param name="parameters">Weights.</param>
    /// <param name="options">Precision, seed, BatchNormalization.</param>
    public TorchExecutor(Graph graph, IReadOnlyList<string> outputs, TorchParameters parameters, CompileOptions options)
    {
        (Graph, _outputs, _parameters, _options) = (graph, outputs, parameters, options);
        _device = parameters.Device;
        if (options.NeftuneAlpha > 0) _noise = EmbeddingLookups.Of(graph).ToDictionary(l => l.Node.Name, _ => options.NeftuneAlpha, StringComparer.Ordinal);
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>Computes the outputs in evaluation mode, without gradients.</summary>
    /// <param name="inputs">Value of every graph input by name; stays the caller's.</param>
    /// <returns>Outputs in order; the caller's to dispose.</returns>
    public torch.Tensor[] Forward(IReadOnlyDictionary<string, torch.Tensor> inputs)
    {
        using var _ = torch.no_grad();
        var plan = PlanFor(inputs);
        var frame = NewFrame(plan, inputs, isTraining: false, default);
        try
        {
            plan.Run(frame);
            return [.. plan.Outputs.Select(slot => frame[slot].alias())];
        }
        finally
        {
            Release(plan, frame);
        }
    }

    /// <summary>
    /// Rows that an evaluation pass should take: as many as keep the largest value within a few tens of megabytes. Larger passes are slower, because values leave the caches
    /// between nodes: MobileNetV2 at 224² ran 55 pictures a second in passes of 32 and 130 in passes of 4 on two cores.
    /// </summary>
    /// <param name="plan">A plan for <paramref name="rows"/> rows.</param>
    /// <param name="rows">Rows that the plan was made for.</param>
    /// <param name="most">Upper limit.</param>
    public static int RowsPerPass(TorchPlan plan, int rows, int most) => (int)Math.Clamp(PassBytes * rows / Math.Max(1, plan.LargestBytes), 1, most);

    /// <summary>Runs forward in training mode and remembers what the backward pass needs.</summary>
    public TorchPass Begin(IReadOnlyDictionary<string, torch.Tensor> inputs, in MicroStep position)
    {
        var plan = PlanFor(inputs);
        var lookups = new TableLookups(TablesOf(plan));
        var frame = NewFrame(plan, inputs, isTraining: true, position, lookups);
        try
        {
            if (!_options.GradientCheckpointing)
            {
                plan.Run(frame);
                return new TorchPass(frame[plan.Outputs[0]].alias(), lookups);
            }
            var checkpointing = _checkpointing.TryGetValue(plan, out var known) ? known : _checkpointing[plan] = new TorchCheckpointing(plan);
            var tape = checkpointing.Forward(frame);
            var again = NewFrame(plan, inputs, isTraining: true, position, lookups);
            return new TorchPass(frame[plan.Outputs[0]].detach(), lookups, tape, gradient => checkpointing.Backward(tape, again, gradient));
        }
        catch
        {
            lookups.Dispose();
            throw;
        }
        finally
        {
            Release(plan, frame);
        }
    }

    /// <summary>The plan of the inputs' shapes, compiled when it is new.</summary>
    public TorchPlan PlanFor(IReadOnlyDictionary<string, torch.Tensor> inputs) => PlanFor(inputs.ToDictionary(i => i.Key, i => i.Value.shape, StringComparer.Ordinal));

    /// <summary>The plan of one class of input shapes, compiled when it is new.</summary>
    public TorchPlan PlanFor(Dictionary<string, long[]> shapes)
    {
        if (Graph.Inputs.FirstOrDefault(i => !shapes.ContainsKey(i.Name)) is { } missing) throw new ArgumentException($"The graph's input '{missing.Name}' is not given.");
        var key = string.Join(';', Graph.Inputs.Select(i => string.Join(',', shapes[i.Name])));
        if (_plans.TryGetValue(key, out var known)) return known;
        if (_plans.Count >= MostPlans && _plans.Remove(_planOrder.Dequeue(), out var oldest))
        {
            _checkpointing.Remove(oldest);
            _tables.Remove(oldest);
            oldest.Dispose();
        }
        var plan = TorchPlanBuilder.Build(Graph, _outputs, shapes, _device);
        _plans.Add(key, plan);
        _planOrder.Enqueue(key);
        return plan;
    }

    /// <summary>A frame with weights, constants and inputs in their slots.</summary>
    public TorchFrame NewFrame(TorchPlan plan, IReadOnlyDictionary<string, torch.Tensor> inputs, bool isTraining, in MicroStep position, TableLookups? lookups = null)
    {
        var slots = plan.NewSlots();
        foreach (var (slot, name) in plan.Weights) slots[slot] = _parameters.Find(name)!.Value;
        foreach (var (name, slot) in plan.Inputs) slots[slot] = inputs[name];
        var isRandom = isTraining && position.Mode == TrainingMode.Random;
        return new TorchFrame(slots)
        {
            IsRandom = isRandom,
            UsesBatchStatistics = isRandom && !_options.FreezeBatchNorm,
            MovesStatistics = isRandom && !_options.FreezeBatchNorm,
            ComputeType = _options.Precision == Precision.BFloat16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32,
            LowPrecision = _options.Precision == Precision.BFloat16 ? LowPrecision(plan) : null,
            Noise = _noise,
            Lookups = lookups,
            Position = position,
            Seed = _options.Seed,
            Device = _device,
        };
    }

    /// <summary>Frees what a run left in its frame; weights, constants and inputs are not the frame's.</summary>
    public static void Release(TorchPlan plan, TorchFrame frame)
    {
        foreach (var instruction in plan.Instructions)
        {
            foreach (var slot in instruction.Outputs)
            {
                if (slot < 0) continue;
                frame.Slots[slot]?.Dispose();
                frame.Slots[slot] = null;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var plan in _plans.Values) plan.Dispose();
        foreach (var value in _low.Values) value.Dispose();
    }

    /// <summary>Drops the bf16 copies of frozen weights, because one of them was written.</summary>
    public void ForgetCopies()
    {
        foreach (var value in _low.Values) value.Dispose();
        _low.Clear();
    }

    private Dictionary<int, TorchParameter> TablesOf(TorchPlan plan)
    {
        if (_tables.TryGetValue(plan, out var known)) return known;
        var tables = _device.type == DeviceType.CPU ? plan.Weights.Select(w => (w.Slot, Parameter: _parameters.Find(w.Weight)!)).Where(w => w.Parameter is { Trainable: not null, Weight.Value.Sizes.Count: 2 }) : [];
        return _tables[plan] = tables.ToDictionary(w => w.Slot, w => w.Parameter);
    }

    // Matrices of frozen weights in bf16 are made once. Those that train are cast in each pass, so that the gradient reaches the fp32 master.
    private torch.Tensor?[] LowPrecision(TorchPlan plan)
    {
        var low = new torch.Tensor?[plan.SlotCount];
        foreach (var (slot, name) in plan.Weights)
        {
            var parameter = _parameters.Find(name)!;
            if (parameter.Trainable is not null || parameter.Weight.Role == Weights.WeightRole.Buffer) continue;
            if (!_low.TryGetValue(name, out var kept)) _low[name] = kept = parameter.Value.to_type(torch.ScalarType.BFloat16, true, false, false).DetachFromDisposeScope();
            low[slot] = kept;
        }
        return low;
    }
}
