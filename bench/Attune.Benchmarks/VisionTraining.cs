using System.Diagnostics;
using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Graphs;
using Attune.Losses;
using Attune.Models.Vision;
using Attune.Optimizers;
using Attune.Randomness;
using Attune.Weights;

namespace Attune.Benchmarks;

/// <summary>
/// Training steps of an image network at 224², batch 16, SGD with momentum, through the libtorch engine as a run uses it: <c>train:WAY:FILE</c>, where the file is a
/// checkpoint and the way is <c>fp32</c>, <c>bf16</c>, <c>checkpointing</c>, or <c>frozenN</c>: micro-batches of N with frozen BatchNorm.
/// </summary>
internal sealed class VisionTraining : IBenchmark
{
    private const int Batch = 16;

    private readonly TorchModel _model;
    private readonly EncodedSet _set = Pictures(Batch);
    private readonly int[] _rows = [.. Enumerable.Range(0, Batch)];
    private readonly Loss _loss = new CrossEntropy();
    private readonly Optimizer _optimizer = new Sgd(momentum: 0.9);
    private readonly int _micro;
    private long _step;

    /// <summary>Loads the checkpoint and compiles all of its parameters for training.</summary>
    /// <param name="name">The case.</param>
    /// <param name="threads">Threads of libtorch.</param>
    public VisionTraining(string name, int threads)
    {
        if (name.Split(':', 3) is not ["train", var way, var file]) throw new ArgumentException($"There is no case '{name}': train:WAY:FILE.");
        var isFrozen = way.StartsWith("frozen", StringComparison.Ordinal);
        _micro = isFrozen ? int.Parse(way["frozen".Length..], CultureInfo.InvariantCulture) : Batch;
        var graph = At224(VisionModel.Load(file).Graph);
        _model = TorchCompiler.Compile(graph, new CompileOptions
        {
            Trainable = [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => new TrainableWeight(w.Name))],
            MaxRows = Batch,
            Threads = threads,
            FreezeBatchNorm = isFrozen,
            Precision = way == "bf16" ? Precision.BFloat16 : Precision.Float32,
            GradientCheckpointing = way == "checkpointing",
        });
    }

    /// <summary>Mean and median seconds of a step, and the last mean loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        var last = 0.0;
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            last = 0;
            for (var (first, index) = (0, 0); first < Batch; first += _micro, index++)
                last += _model.Accumulate(_set, _rows.AsSpan(first, Math.Min(_micro, Batch - first)), _loss, Batch, new MicroStep(_step, index)) / Batch;
            _model.Update(_optimizer, new UpdateStep(_step, 0.01, 0, 1));
            _step++;
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], last);
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => _model.Dispose();

    /// <summary>Fresh weights of a catalog network as a checkpoint, so that cases load one as a user does.</summary>
    public static void WriteWeights(string network, string path) => SafetensorsWriter.Write(path, VisionModel.Create(network, 1000, 2).Graph.Weights);

    /// <summary>The graph for pictures of one size, which noise without a plane's shape needs.</summary>
    public static Graph At224(Graph graph) => graph with { Inputs = [graph.Inputs[0] with { Shape = new Shape("B", 3, 224, 224) }] };

    /// <summary>Normalised pictures of noise with labels below 1,000.</summary>
    public static EncodedSet Pictures(int rows)
    {
        const int width = 3 * 224 * 224;
        var pixels = new float[rows * width];
        var random = new Philox(1, "pixels");
        for (var i = 0; i < pixels.Length; i++) pixels[i] = 2 * random.Uniform((ulong)i) - 1;
        return new EncodedSet(rows, [new FloatInput(VisionModel.Input, width, pixels)], Targets.Classes([.. Enumerable.Range(0, rows).Select(i => i * 61 % 1000)]));
    }
}
