using System.Runtime.CompilerServices;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;

namespace Attune.Engines.Dense;

/// <summary>
/// A compiled graph on the managed SIMD engine: see <see cref="DenseCompiler"/>. Trainable weights, their gradients and optimizer states lie in flat fp32
/// buffers of one layout (embedding tables keep touched rows instead of dense gradients; their update still equals the dense one, because untouched rows are
/// updated with a gradient of zero). The rows of a micro-batch are shared among threads with own gradient buffers that are added in thread order.
/// No call allocates once it is warm.
/// </summary>
public sealed unsafe class DenseModel : CompiledModel
{
    private readonly DensePlan _plan;
    private readonly DenseOperator[] _operators;
    private readonly DenseMemory _memory = new();
    private readonly DenseTeam? _team;
    private readonly DenseContext _context;
    private readonly DenseParameters _parameters;
    private readonly DenseInputs _inputs;
    private readonly Action<int> _pass;
    private readonly double[] _sums;
    private readonly double _workPerRow;
    private readonly DenseValue _output;
    private readonly float[] _outputs, _outputGradient;   // [MaxRows, width], as losses take them

    // Arguments of the pass that runs.
    private Loss? _loss;
    private float _scale;

    internal DenseModel(Graph graph, CompileOptions options, DensePlan plan)
    {
        (Graph, _plan, Trainable, _output) = (graph, plan, [.. options.Trainable], plan.Output);
        (MaxRows, _operators) = (options.MaxRows, [.. plan.Operators]);
        _team = options.Threads > 1 ? new DenseTeam(options.Threads) : null;
        _context = new DenseContext(options.Threads) { Seed = options.Seed, Team = _team };
        _parameters = new DenseParameters(plan, _memory, _context, options.Threads);
        _inputs = _context.Inputs = new DenseInputs(plan, _memory, MaxRows);
        foreach (var op in _operators)
        {
            op.Output.Data = _memory.Floats((long)MaxRows * op.Output.Stride);
            if (op.Output.NeedsGradient) op.Output.Gradient = _memory.Floats((long)MaxRows * op.Output.Stride);
            op.Allocate(_memory, MaxRows, options.Threads);
            foreach (var parameter in op.Parameters) _workPerRow += parameter.Layout == ParameterLayout.Matrix ? parameter.PhysicalLength : op.Output.Stride;
        }
        _sums = new double[options.Threads];
        _outputs = GC.AllocateArray<float>(MaxRows * OutputWidth, pinned: true);
        _outputGradient = GC.AllocateArray<float>(MaxRows * OutputWidth, pinned: true);
        _pass = RunShard;
    }

    /// <inheritdoc/>
    public override Graph Graph { get; }

    /// <inheritdoc/>
    public override int OutputWidth => _output.Width;

    /// <inheritdoc/>
    public override IReadOnlyList<TrainableWeight> Trainable { get; }

    /// <summary>Largest number of rows in one pass.</summary>
    public int MaxRows { get; }

    /// <inheritdoc/>
    public override double Accumulate(EncodedSet set, ReadOnlySpan<int> rows, Loss loss, double normalizer, in MicroStep position)
    {
        if (rows.Length > MaxRows) throw new ArgumentException($"{rows.Length} rows in one pass; this model was compiled for at most {MaxRows}.", nameof(rows));
        if (!(normalizer > 0)) throw new ArgumentOutOfRangeException(nameof(normalizer), normalizer, "The count of the accumulation window has to be above 0.");
        if (rows.Length == 0) return 0;
        _inputs.Bind(set);
        _inputs.GatherTargets(set, rows);
        (_loss, _scale) = (loss, (float)(1 / normalizer));
        (_context.Position, _context.IsRandom) = (position, position.Mode == TrainingMode.Random);
        var shards = Start(rows, backward: _output.NeedsGradient);
        try
        {
            Run(shards);
        }
        catch
        {
            _parameters.Clear();
            throw;
        }
        finally
        {
            _loss = null;
        }
        for (var i = 0; i < shards; i++) _context.Fresh[i] = _context.Fresh[i] && !_output.NeedsGradient;
        double sum = 0;
        for (var i = 0; i < shards; i++) sum += _sums[i];
        return sum;
    }

    /// <inheritdoc/>
    public override void Predict(EncodedSet set, ReadOnlySpan<int> rows, Span<float> outputs)
    {
        if (outputs.Length != (long)rows.Length * OutputWidth)
            throw new ArgumentException($"{rows.Length} rows with {OutputWidth} outputs need {(long)rows.Length * OutputWidth} floats; got {outputs.Length}.", nameof(outputs));
        _inputs.Bind(set);
        _context.IsRandom = false;
        for (var start = 0; start < rows.Length; start += MaxRows)
        {
            var count = Math.Min(MaxRows, rows.Length - start);
            Run(Start(rows.Slice(start, count), backward: false));
            _outputs.AsSpan(0, count * OutputWidth).CopyTo(outputs[(start * OutputWidth)..]);
        }
    }

    /// <inheritdoc/>
    public override double GradientNorm() => _parameters.GradientNorm(long.MaxValue);

    /// <inheritdoc/>
    public override double GradientNorm(long step) => _parameters.GradientNorm(step);

    /// <inheritdoc/>
    public override void Update(Optimizer optimizer, in UpdateStep update) => _parameters.Update(optimizer, update);

    /// <inheritdoc/>
    public override void ClearGradients() => _parameters.Clear();

    /// <inheritdoc/>
    public override void ReadGradient(string weight, Span<float> destination) => _parameters.ReadGradient(weight, destination);

    /// <inheritdoc/>
    public override void ReadWeight(string weight, Span<float> destination)
    {
        if (_parameters.Find(weight) is { } parameter) parameter.ToStore(parameter.Data, destination);
        else DenseParameter.Floats(Graph.Weights[weight].Value).CopyTo(destination);
    }

    /// <inheritdoc/>
    public override void WriteWeight(string weight, ReadOnlySpan<float> source)
    {
        var parameter = _parameters.Find(weight) ?? throw new WeightsException($"Nothing that this model computes uses '{weight}'.");
        parameter.FromStore(source, parameter.Data);
        parameter.Version++;
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
        _team?.Dispose();
        _memory.Dispose();
    }

    private int Start(ReadOnlySpan<int> rows, bool backward)
    {
        _inputs.Rows(rows);
        foreach (var op in _operators) op.Prepare(_context, backward);
        _context.Rows = rows.Length;
        // Depends on shapes only, so that a run's bits do not depend on the load of the machine.
        return _context.Shards = DenseThreads.Shards(rows.Length, _workPerRow, _sums.Length);
    }

    private void Run(int shards)
    {
        if (_team is null) _pass(0);
        else _team.Run(_pass, shards);
    }

    private static bool ReadsSeveralRows(Loss loss) => loss.CouplesRows || loss.RowsPerExample * loss.ForwardPasses > 1;

    // The first worker sees the rows of all.
    private void SumWhole(Loss loss, int shard)
    {
        _context.Barrier();
        var count = _context.Rows * OutputWidth;
        _sums[shard] = shard > 0 ? 0 : loss.Sum(_outputs.AsSpan(0, count), OutputWidth, _inputs.Targets(0, _context.Rows), _output.NeedsGradient ? _outputGradient.AsSpan(0, count) : [], _scale);
        _context.Barrier();
    }

    // Forward, and in training the loss and backward, over one shard's rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunShard(int shard)
    {
        var (start, end) = DenseThreads.Range(_context.Rows, _context.Shards, shard);
        _inputs.Gather(start, end);
        foreach (var op in _operators) op.Forward(_context, shard, start, end);
        var width = OutputWidth;
        for (var row = start; row < end; row++)
        {
            var from = _output.Data + (long)row * _output.Stride;
            for (var k = 0; k < width; k++) _outputs[row * width + k] = from[k];
        }
        if (_loss is not { } loss) return;
        var (first, count) = (start * width, (end - start) * width);
        if (ReadsSeveralRows(loss)) SumWhole(loss, shard);
        else _sums[shard] = loss.Sum(_outputs.AsSpan(first, count), width, _inputs.Targets(start, end), _output.NeedsGradient ? _outputGradient.AsSpan(first, count) : [], _scale);
        if (!_output.NeedsGradient) return;
        for (var row = start; row < end; row++)
        {
            var to = _output.Gradient + (long)row * _output.Stride;
            for (var k = 0; k < width; k++) to[k] = _outputGradient[row * width + k];
        }
        for (var i = _operators.Length - 1; i >= 0; i--)
        {
            if (_operators[i].Output.NeedsGradient) _operators[i].Backward(_context, shard, start, end);
        }
    }
}
