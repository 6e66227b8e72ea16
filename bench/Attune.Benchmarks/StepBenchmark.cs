using System.Diagnostics;
using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Graphs;
using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Randomness;
using Attune.Schedules;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Benchmarks;

/// <summary>
/// Training steps of a small network inside the real <see cref="TrainingLoop"/>: gather of shuffled rows, forward, loss, backward, Adam, and what an epoch costs. <c>mlp30b32</c> is 30→64→64→1 with binary cross-entropy,
/// <c>mlp784b32</c> and <c>mlp784b128</c> 784→64→64→10 with cross-entropy; 10,000 rows, a new order each epoch.
/// </summary>
internal sealed class StepBenchmark : IBenchmark
{
    private const int Rows = 10_000;

    private readonly DenseModel _model;
    private readonly TrainingLoop _loop;
    private readonly int _batch;
    private LoopState? _state;

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
        var data = new Philox(1, "data");
        var x = new float[Rows * inputs];
        for (var i = 0; i < x.Length; i++) x[i] = 2 * data.Uniform((ulong)i) - 1;
        var targets = inputs == 30
            ? Targets.Real([.. Enumerable.Range(0, Rows).Select(r => x[r * inputs] + x[r * inputs + 1] > 0 ? 1f : 0f)])
            : Targets.Classes([.. Enumerable.Range(0, Rows).Select(r => (int)(MathF.Abs(x[r * inputs] + x[r * inputs + 1]) * 4.99f))]);
        var set = new EncodedSet(Rows, [new FloatInput("x", inputs, x)], targets);
        var graph = Network(inputs, outputs);
        _model = DenseCompiler.Compile(graph, new CompileOptions { Trainable = [.. graph.Weights.All.Select(w => new TrainableWeight(w.Name))], MaxRows = _batch, Threads = threads });
        var kind = inputs == 30 ? MetricTasks.Binary : MetricTasks.Multiclass;
        var classes = Enumerable.Range(0, Math.Max(2, outputs)).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        _loop = new TrainingLoop(_model, new Classification("y", classes, outputs == 1 ? "1" : null), new TrainingSettings
        {
            Loss = inputs == 30 ? new BinaryCrossEntropy() : new CrossEntropy(),
            Optimizer = new Adam(),
            Schedule = new ConstantSchedule(long.MaxValue),
            Metric = MetricCatalog.Get("log_loss", kind),
            LearningRate = 1e-3,
            Epochs = int.MaxValue,
            BatchSize = _batch,
            MicroBatchSize = _batch,
            CheckpointSeconds = double.MaxValue,
        }, set, Few(set));
    }

    /// <summary>Seconds below which a tenth of the last run's steps stayed: nearer to the code than the median on a busy machine.</summary>
    public double FastestTenth { get; private set; }

    /// <summary>Mean and median seconds of a step, and the last loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        using var stop = new CancellationTokenSource();
        var watch = new StepClock(steps, stop);
        _state = _loop.Run(_state, [watch], _ => { }, TimeProvider.System, stop.Token);
        Array.Sort(watch.Times);
        FastestTenth = (double)watch.Times[steps / 10] / Stopwatch.Frequency;
        return ((double)watch.Total / steps / Stopwatch.Frequency, (double)watch.Times[steps / 2] / Stopwatch.Frequency, watch.Loss);
    }

    /// <summary>Largest resident memory so far.</summary>
    public static long PeakMegabytes() => Process.GetCurrentProcess().PeakWorkingSet64 >> 20;

    public void Dispose() => _model.Dispose();

    // The loop validates after each epoch; the peer does not, so these are few.
    private static EncodedSet Few(EncodedSet set)
    {
        const int rows = 32;
        var x = (FloatInput)set.Inputs[0];
        var targets = set.Targets!;
        return new EncodedSet(rows, [new FloatInput(x.Name, x.Width, x.Values[..(rows * x.Width)])], targets.Labels is { } labels ? Targets.Classes(labels[..rows]) : Targets.Real(targets.Values![..rows]));
    }

    /// <summary>Takes the time of every step and stops the loop after the last.</summary>
    private sealed class StepClock(int steps, CancellationTokenSource stop) : Callback
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private long _before = Stopwatch.GetTimestamp();
        private int _count;

        public long[] Times { get; } = new long[steps];

        public long Total => _before - _start;

        public double Loss { get; private set; }

        public override void Step(in StepReport report)
        {
            var now = Stopwatch.GetTimestamp();
            Times[_count] = now - _before;
            _before = now;
            Loss = report.Loss;
            if (++_count == Times.Length) stop.Cancel();
        }
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
