using System.Diagnostics;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Losses;
using Attune.Optimizers;
using Attune.Randomness;

namespace Attune.Benchmarks;

/// <summary>
/// Training steps of a small network: gather of shuffled rows, forward, loss, backward, Adam. <c>mlp30b32</c> is 30→64→64→1 with binary cross-entropy,
/// <c>mlp784b32</c> and <c>mlp784b128</c> 784→64→64→10 with cross-entropy; 10,000 rows, a new order each epoch.
/// </summary>
internal sealed class StepBenchmark : IDisposable
{
    private const int Rows = 10_000;

    private readonly DenseModel _model;
    private readonly EncodedSet _set;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer = new Adam();
    private readonly int _batch;
    private readonly int[] _order = [.. Enumerable.Range(0, Rows)];
    private long _step;
    private int _position = Rows;
    private int _epoch;

    public StepBenchmark(string name, int threads)
    {
        (var inputs, _batch) = name switch
        {
            "mlp30b32" => (30, 32),
            "mlp784b32" => (784, 32),
            "mlp784b128" => (784, 128),
            _ => throw new ArgumentException($"There is no case '{name}': mlp30b32, mlp784b32, mlp784b128."),
        };
        var outputs = inputs == 30 ? 1 : 10;
        _loss = inputs == 30 ? new BinaryCrossEntropy() : new CrossEntropy();
        var data = new Philox(1, "data");
        var x = new float[Rows * inputs];
        for (var i = 0; i < x.Length; i++) x[i] = 2 * data.Uniform((ulong)i) - 1;
        var targets = inputs == 30
            ? Targets.Real([.. Enumerable.Range(0, Rows).Select(r => x[r * inputs] + x[r * inputs + 1] > 0 ? 1f : 0f)])
            : Targets.Classes([.. Enumerable.Range(0, Rows).Select(r => (int)(MathF.Abs(x[r * inputs] + x[r * inputs + 1]) * 4.99f))]);
        _set = new EncodedSet(Rows, [new FloatInput("x", inputs, x)], targets);
        var graph = Network(inputs, outputs);
        _model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [.. graph.Weights.All.Select(w => new TrainableWeight(w.Name))], MaxRows = _batch, Threads = threads });
    }

    /// <summary>Seconds below which a tenth of the last run's steps stayed: nearer to the code than the median on a busy machine.</summary>
    public double FastestTenth { get; private set; }

    /// <summary>Mean and median seconds of a step, and the last loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new long[steps];
        double loss = 0;
        var start = Stopwatch.GetTimestamp();
        var before = start;
        for (var i = 0; i < steps; i++)
        {
            loss = Step();
            var now = Stopwatch.GetTimestamp();
            times[i] = now - before;
            before = now;
        }
        var total = before - start;
        Array.Sort(times);
        FastestTenth = (double)times[steps / 10] / Stopwatch.Frequency;
        return ((double)total / steps / Stopwatch.Frequency, (double)times[steps / 2] / Stopwatch.Frequency, loss / _batch);
    }

    /// <summary>Largest resident memory so far.</summary>
    public static long PeakMegabytes() => Process.GetCurrentProcess().PeakWorkingSet64 >> 20;

    public void Dispose() => _model.Dispose();

    private double Step()
    {
        if (_position + _batch > Rows)
        {
            new Philox(1, "shuffle", _epoch++).Shuffle(_order);
            _position = 0;
        }
        var loss = _model.Accumulate(_set, _order.AsSpan(_position, _batch), _loss, _batch, new MicroStep(_step, 0));
        _model.Update(_optimizer, new UpdateStep(_step, 1e-3, 0, 1));
        _position += _batch;
        _step++;
        return loss;
    }

    private static Graph Network(int inputs, int outputs)
    {
        var g = new GraphBuilder("mlp");
        var x = g.Input("x", DataType.Float, new Shape("B", inputs));
        var h = g.Relu(Linear(g, x, "0", inputs, 64));
        h = g.Relu(Linear(g, h, "2", 64, 64));
        g.Output(Linear(g, h, "4", 64, outputs), "logits", DataType.Float, new Shape("B", outputs));
        return g.Build();
    }

    // torch's default: uniform in ±1/√in for weights and biases
    private static Value Linear(GraphBuilder g, Value x, string prefix, int inputs, int outputs)
    {
        var random = new Philox(2, prefix);
        var bound = 1 / MathF.Sqrt(inputs);
        float[] Draw(int count, int first) => [.. Enumerable.Range(first, count).Select(i => bound * (2 * random.Uniform((ulong)i) - 1))];
        g.Weight(prefix + ".weight", Tensor.Of(Draw(inputs * outputs, 0), outputs, inputs));
        g.Weight(prefix + ".bias", Tensor.Of(Draw(outputs, inputs * outputs), outputs));
        return g.Linear(x, prefix);
    }
}
