using Attune.Batching.Augmentation;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// A compiled graph on libtorch: see <see cref="TorchCompiler"/>. Forward passes interpret the nodes, gradients come from autograd, optimizers are Attune's own over the
/// raw memory of the weights. Losses compute value and gradient over spans, so that both engines learn from the same numbers.
/// </summary>
public sealed class TorchModel : CompiledModel
{
    private readonly CompileOptions _options;
    private readonly TorchParameters _parameters;
    private readonly TorchExecutor _executor;
    private readonly TorchInputs _inputs;
    private readonly TorchPrefix? _prefix;
    private float[] _gradient = [];

    internal TorchModel(Graph graph, CompileOptions options, torch.Device device)
    {
        (Graph, _options, Trainable) = (graph, options, [.. options.Trainable]);
        var output = options.Output ?? graph.Outputs[0].Name;
        OutputWidth = WidthOf(graph, output);
        var nodes = TorchPlanBuilder.NeededNodes(graph, [output]);
        var needed = graph with { Nodes = nodes, Inputs = InputsOf(graph, nodes), Outputs = [.. graph.Outputs.Where(o => o.Name == output)] };
        _parameters = new TorchParameters(needed, options, device);
        _executor = new TorchExecutor(needed, [output], _parameters, options);
        _inputs = new TorchInputs(needed, device, _parameters.IsChannelsLast);
        if (options.PrefixCache is not { } cache) return;
        if (options.Mixup > 0 || options.Cutmix > 0)
        {
            PrefixReason = "mixup and CutMix change every pass's inputs";
            return;
        }
        if (options.NeftuneAlpha > 0)
        {
            PrefixReason = "NEFTune's noise changes every pass's embeddings";
            return;
        }
        var trainable = _parameters.Trainable.Select(p => p.Weight.Name).ToHashSet(StringComparer.Ordinal);
        var cut = FrozenPrefix.Of(needed, output, trainable, options.FreezeBatchNorm, out var reason);
        PrefixReason = reason;
        if (cut is not null) _prefix = new TorchPrefix(cut, output, _parameters, _inputs, options, cache, device);
    }

    /// <summary>Numbers that are kept of a prepared set; 0 without a frozen prefix.</summary>
    public long PrefixNumbers(EncodedSet set) => _prefix?.NumbersOf(set) ?? 0;

    /// <summary>Nodes that run once per row of a prepared set.</summary>
    public int PrefixNodes => _prefix?.Nodes ?? 0;

    /// <summary>Why there is no frozen prefix; "" when there is one or none was asked for.</summary>
    public string PrefixReason { get; } = "";

    /// <inheritdoc/>
    public override Graph Graph { get; }

    /// <inheritdoc/>
    public override int OutputWidth { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<TrainableWeight> Trainable { get; }

    /// <inheritdoc/>
    public override double Rounding => _options.Precision == Precision.BFloat16 ? 5e-2 : 1e-4;

    /// <inheritdoc/>
    public override double? PrefixRounding => _prefix is null ? null : Math.Max(Rounding, _options.PrefixCache!.Precision == Precision.BFloat16 ? 5e-2 : 0);

    /// <inheritdoc/>
    public override double Accumulate(EncodedSet set, ReadOnlySpan<int> rows, Loss loss, double normalizer, in MicroStep position)
    {
        if (rows.Length > _options.MaxRows) throw new ArgumentException($"{rows.Length} rows in one pass; this model was compiled for at most {_options.MaxRows}.", nameof(rows));
        if (!(normalizer > 0)) throw new ArgumentOutOfRangeException(nameof(normalizer), normalizer, "The count of the accumulation window has to be above 0.");
        if (rows.Length == 0) return 0;
        TorchThreads.Use(_options.Threads);
        using var scope = torch.NewDisposeScope();
        var view = position.Mode == TrainingMode.Random ? ViewOf(position.Epoch) : StreamedInput.PlainView;
        if (_prefix is not null && _prefix.Has(set, view))
        {
            using var boundary = _prefix.Gather(set, rows, view);
            return Learn(_prefix.Suffix, boundary.Values, set, rows, view, loss, normalizer, position);
        }
        var mixing = position.Mode == TrainingMode.Random ? _inputs.Mixing(set, rows.Length, _options, position) : null;
        using var inputs = _inputs.Gather(set, rows, view, mixing);
        return Learn(_executor, inputs.Values, set, rows, view, loss, normalizer, position, mixing);
    }

    private int ViewOf(int epoch) => _prefix is null ? epoch : epoch % Math.Max(1, _options.PrefixCache!.Views);

    private double Learn(TorchExecutor executor, IReadOnlyDictionary<string, torch.Tensor> inputs, EncodedSet set, ReadOnlySpan<int> rows, int view, Loss loss, double normalizer, in MicroStep position, Mixing? mixing = null)
    {
        var units = set.UnitsOf(rows);
        if (units == 0) return 0;
        using var pass = executor.Begin(inputs, position);
        var output = pass.Output;
        using var host = ToHost(output, units);
        var count = units * OutputWidth;
        if (_gradient.Length < count) _gradient = new float[count];
        var gradient = _gradient.AsSpan(0, count);
        var sum = mixing is null
            ? loss.Sum(TorchTensors.Floats(host), OutputWidth, _inputs.Targets(set, rows, view), _parameters.Trainable.Count > 0 ? gradient : [], (float)(1 / normalizer))
            : MixedSum(loss, TorchTensors.Floats(host), set, rows, view, gradient, normalizer, mixing);
        if (_parameters.Trainable.Count == 0) return sum;
        using var given = torch.empty(output.shape, torch.ScalarType.Float32);
        gradient.CopyTo(TorchTensors.Floats(given));
        using var typed = given.to(output.dtype, output.device);
        pass.Backward(typed);
        return sum;
    }

    /// <inheritdoc/>
    public override void Predict(EncodedSet set, ReadOnlySpan<int> rows, Span<float> outputs)
    {
        var units = set.UnitsOf(rows);
        if (outputs.Length != (long)units * OutputWidth)
            throw new ArgumentException($"{rows.Length} rows with {units} × {OutputWidth} outputs need {(long)units * OutputWidth} floats; got {outputs.Length}.", nameof(outputs));
        if (units == 0) return;
        TorchThreads.Use(_options.Threads);
        using var _ = torch.no_grad();
        if (_prefix is not null && _prefix.Has(set, StreamedInput.PlainView))
        {
            for (var start = 0; start < rows.Length; start += _options.MaxRows)
            {
                using var scope = torch.NewDisposeScope();
                var part = rows.Slice(start, Math.Min(_options.MaxRows, rows.Length - start));
                using var boundary = _prefix.Gather(set, part, StreamedInput.PlainView);
                outputs = Run(_prefix.Suffix, boundary, set, part, outputs);
            }
            return;
        }
        var starts = new int[rows.Length];
        for (int i = 0, unit = 0; i < rows.Length; i++)
        {
            starts[i] = unit;
            unit += set.UnitsOf(rows[i]).Count;
        }
        var passes = PassGroups.Of(set, rows, StreamedInput.PlainView, _options.MaxRows, trial => RowsPerPass(set, trial));
        var buffer = Array.Empty<float>();
        for (var p = 0; p < passes.Count; p++)
        {
            using var scope = torch.NewDisposeScope();
            var part = Rows(passes[p], rows);
            if (p + 1 < passes.Count) TorchInputs.Expect(set, Rows([.. passes.Skip(p + 1).Take(4).SelectMany(g => g)], rows), StreamedInput.PlainView);
            using var inputs = _inputs.Gather(set, part, StreamedInput.PlainView);
            var count = set.UnitsOf(part) * OutputWidth;
            if (buffer.Length < count) buffer = new float[count];
            Run(_executor, inputs, set, part, buffer);
            var from = 0;
            foreach (var place in passes[p])
            {
                var size = set.UnitsOf(rows[place]).Count * OutputWidth;
                buffer.AsSpan(from, size).CopyTo(outputs[(starts[place] * OutputWidth)..]);
                from += size;
            }
        }
    }

    private static int[] Rows(int[] places, ReadOnlySpan<int> rows)
    {
        var chosen = new int[places.Length];
        for (var i = 0; i < chosen.Length; i++) chosen[i] = rows[places[i]];
        return chosen;
    }

    /// <summary>Runs a pass, writes its outputs to the front of what is given, and returns the rest.</summary>
    private Span<float> Run(TorchExecutor executor, TorchInputs.Batch inputs, EncodedSet set, ReadOnlySpan<int> rows, Span<float> outputs)
    {
        var units = set.UnitsOf(rows);
        if (units == 0) return outputs;
        using var output = executor.Forward(inputs.Values)[0];
        using var host = ToHost(output, units);
        TorchTensors.Floats(host).CopyTo(outputs);
        return outputs[(units * OutputWidth)..];
    }

    // From the plan of a trial shape, so that it depends on shapes alone: a run's bits must not depend on the machine's load.
    private int RowsPerPass(EncodedSet set, ReadOnlySpan<int> rows)
        => TorchExecutor.RowsPerPass(_executor.PlanFor(_inputs.ShapesOf(set, rows)), rows.Length, _options.MaxRows);

    /// <inheritdoc/>
    public override bool Prepare(EncodedSet set, int epoch, Action<int, int>? progress, CancellationToken stop)
    {
        if (_prefix is null) return true;
        TorchThreads.Use(_options.Threads);
        return _prefix.Fill(set, epoch < 0 ? StreamedInput.PlainView : ViewOf(epoch), progress, stop);
    }

    /// <inheritdoc/>
    public override void Forget(EncodedSet set) => _prefix?.Forget(set);

    /// <inheritdoc/>
    public override void Expect(EncodedSet set, ReadOnlySpan<int> rows, int epoch)
    {
        if (rows.Length > 0 && !(_prefix?.Has(set, ViewOf(epoch)) ?? false)) TorchInputs.Expect(set, rows, ViewOf(epoch));
    }

    /// <inheritdoc/>
    public override double GradientNorm() => GradientNorm(long.MaxValue);

    /// <inheritdoc/>
    public override double GradientNorm(long step)
    {
        TorchThreads.Use(_options.Threads);
        return _parameters.GradientNorm(step);
    }

    /// <inheritdoc/>
    public override void Update(Optimizer optimizer, in UpdateStep update)
    {
        TorchThreads.Use(_options.Threads);
        _parameters.Update(optimizer, update);
    }

    /// <inheritdoc/>
    public override void ClearGradients() => _parameters.Clear();

    /// <inheritdoc/>
    public override void ReadGradient(string weight, Span<float> destination) => _parameters.ReadGradient(weight, destination);

    /// <inheritdoc/>
    public override void ReadWeight(string weight, Span<float> destination) => _parameters.ReadWeight(weight, destination);

    /// <inheritdoc/>
    public override void WriteWeight(string weight, ReadOnlySpan<float> source)
    {
        _parameters.WriteWeight(weight, source);
        if (_parameters.Changes(weight)) return;
        // A frozen weight: what was computed from it once is stale.
        _executor.ForgetCopies();
        _prefix?.ForgetCopies();
    }

    /// <inheritdoc/>
    public override TrainingState Capture() => _parameters.Capture();

    /// <inheritdoc/>
    public override void Restore(TrainingState state) => _parameters.Restore(state);

    /// <inheritdoc/>
    public override void SaveWeights() => _parameters.Save(Graph.Weights);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _prefix?.Dispose();
        _executor.Dispose();
        _parameters.Dispose();
    }

    /// <summary>λ · loss(own targets) + (1 − λ) · loss(partners' targets), which equals the loss of mixed soft targets wherever the loss is linear in them.</summary>
    private double MixedSum(Loss loss, ReadOnlySpan<float> outputs, EncodedSet set, ReadOnlySpan<int> rows, int view, Span<float> gradient, double normalizer, Mixing mixing)
    {
        var partners = new int[rows.Length];
        for (var i = 0; i < partners.Length; i++) partners[i] = rows[mixing.Partners[i]];
        var other = new float[gradient.Length];
        var own = loss.Sum(outputs, OutputWidth, _inputs.Targets(set, rows, view), gradient, (float)(mixing.Lambda / normalizer));
        var theirs = loss.Sum(outputs, OutputWidth, _inputs.Targets(set, partners, view), other, (float)((1 - mixing.Lambda) / normalizer));
        for (var i = 0; i < other.Length; i++) gradient[i] += other[i];
        return mixing.Lambda * own + (1 - mixing.Lambda) * theirs;
    }

    /// <summary>Outputs as fp32 rows on the CPU, [units, OutputWidth].</summary>
    private torch.Tensor ToHost(torch.Tensor output, int units)
    {
        if (output.numel() != (long)units * OutputWidth)
            throw new InvalidOperationException($"Output '{_options.Output ?? Graph.Outputs[0].Name}' has shape [{string.Join(", ", output.shape)}] for {units} rows; {OutputWidth} numbers a row were expected. The graph mixes rows: it cannot be trained or run in batches.");
        using var detached = output.detach();
        using var wide = detached.to_type(torch.ScalarType.Float32, false, false, false);
        using var host = wide.cpu();
        return host.contiguous();
    }

    /// <summary>The graph inputs that some of its nodes read.</summary>
    internal static List<ValueInfo> InputsOf(Graph graph, IReadOnlyList<Node> nodes)
    {
        var read = nodes.SelectMany(GraphSort.Reads).ToHashSet(StringComparer.Ordinal);
        return [.. graph.Inputs.Where(i => read.Contains(i.Name))];
    }

    /// <summary>Numbers per row of a value, from its declared or inferred shape.</summary>
    private static int WidthOf(Graph graph, string output)
    {
        var known = ShapeInference.Infer(graph).TryGetValue(output, out var value) ? value.Shape : null;
        var shape = known ?? graph.Outputs.FirstOrDefault(o => o.Name == output)?.Shape ?? throw new NotSupportedException($"the shape of '{output}' is not known");
        var width = 1L;
        for (var axis = 1; axis < shape.Rank; axis++) width = checked(width * (shape[axis].Size ?? throw new NotSupportedException($"'{output}' has shape {shape}; a fixed number of outputs per row was expected")));
        return checked((int)width);
    }
}
