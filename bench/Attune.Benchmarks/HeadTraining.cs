using System.Diagnostics;
using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Losses;
using Attune.Metrics;
using Attune.Models.Vision;
using Attune.Optimizers;
using Attune.Schedules;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Benchmarks;

/// <summary>
/// A new head on a frozen network: <c>head:FILE</c> is 10 epochs on 200 pictures of 224², batch 16, SGD with momentum, from the loaded checkpoint to the trained head
/// through the real <see cref="TrainingLoop"/> with the frozen prefix kept. A step of this case is the whole training, and nothing is kept between two.
/// </summary>
internal sealed class HeadTraining(string name, int threads) : IBenchmark
{
    private const int Rows = 200, Batch = 16;

    private readonly string _file = name.Split(':', 2)[1];
    private readonly EncodedSet _train = VisionTraining.Pictures(Rows), _validation = VisionTraining.Pictures(Batch);

    /// <summary>Mean and median seconds of a training, and the last step's loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        var last = new LastLoss();
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var vision = VisionModel.Load(_file);
            using var model = TorchCompiler.Compile(VisionTraining.At224(vision.Graph), new CompileOptions
            {
                Trainable = [new TrainableWeight(vision.Shape.Head + ".weight"), new TrainableWeight(vision.Shape.Head + ".bias")],
                MaxRows = Batch,
                Threads = threads,
                FreezeBatchNorm = true,
                PrefixCache = new PrefixCacheOptions(),
            });
            if (model.PrefixNodes == 0) throw new InvalidOperationException($"There is no frozen prefix: {model.PrefixReason}.");
            var classes = Enumerable.Range(0, 1000).Select(k => k.ToString(CultureInfo.InvariantCulture)).ToArray();
            new TrainingLoop(model, new Classification("y", classes, null), new TrainingSettings
            {
                Loss = new CrossEntropy(),
                Optimizer = new Sgd(momentum: 0.9),
                Schedule = new ConstantSchedule(long.MaxValue),
                Metric = MetricCatalog.Get("accuracy", MetricTasks.Multiclass),
                LearningRate = 0.01,
                Epochs = 10,
                BatchSize = Batch,
                MicroBatchSize = Batch,
                CheckpointSeconds = double.MaxValue,
            }, _train, _validation).Run(last);
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], last.Loss);
    }

    /// <summary>Nothing to let go of.</summary>
    public void Dispose() { }
}
