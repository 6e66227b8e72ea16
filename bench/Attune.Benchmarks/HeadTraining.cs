using System.Diagnostics;
using System.Globalization;
using Attune.Encoding;
using Attune.Engines;
using Attune.Engines.Torch;
using Attune.Models.Vision;
using Attune.Optimizers;
using Attune.Training;

namespace Attune.Benchmarks;

/// <summary>
/// A new head on a frozen network: <c>head:FILE</c> is 10 epochs on 200 pictures of 224², batch 16, SGD with momentum, from the loaded checkpoint to the trained head
/// through the real <see cref="TrainingLoop"/> with the frozen prefix kept. A step of this case is the whole training, and nothing is kept between two.
/// </summary>
internal sealed class HeadTraining(string name, int threads) : IBenchmark
{
    private const int Rows = 200;

    private readonly string _file = name.Split(':', 2)[1];
    private readonly EncodedSet _train = VisionTraining.Pictures(Rows), _validation = VisionTraining.Pictures(HeadLoop.Batch);

    /// <summary>Mean and median seconds of a training, and the last step's loss.</summary>
    public (double Mean, double Median, double Loss) Run(int steps)
    {
        var times = new double[steps];
        var last = 0.0;
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var vision = VisionModel.Load(_file);
            using var model = TorchCompiler.Compile(VisionTraining.At224(vision.Graph), new CompileOptions
            {
                Trainable = [new TrainableWeight(vision.Shape.Head + ".weight"), new TrainableWeight(vision.Shape.Head + ".bias")],
                MaxRows = HeadLoop.Batch,
                Threads = threads,
                FreezeBatchNorm = true,
                PrefixCache = new PrefixCacheOptions(),
            });
            var classes = Enumerable.Range(0, 1000).Select(k => k.ToString(CultureInfo.InvariantCulture)).ToArray();
            last = HeadLoop.Run(model, model.PrefixNodes, classes, new Sgd(momentum: 0.9), 0.01, _train, _validation);
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var mean = times.Average();
        Array.Sort(times);
        return (mean, times[steps / 2], last);
    }

    /// <summary>Nothing to let go of.</summary>
    public void Dispose() { }
}
