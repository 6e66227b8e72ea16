using Attune.Encoding;
using Attune.Engines;
using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Schedules;
using Attune.Tasks;
using Attune.Training;

namespace Attune.Benchmarks;

/// <summary>The training of a new head as a run does it: 10 epochs through <see cref="TrainingLoop"/>, cross-entropy, validation after each epoch.</summary>
internal static class HeadLoop
{
    /// <summary>Rows of a step.</summary>
    public const int Batch = 16;

    /// <summary>Trains and returns the last step's loss.</summary>
    /// <param name="model">The compiled network.</param>
    /// <param name="prefixNodes">Nodes of its frozen prefix, which has to be there.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="rate">Its rate.</param>
    /// <param name="train">Training rows.</param>
    /// <param name="validation">Validation rows.</param>
    public static double Run(CompiledModel model, int prefixNodes, string[] classes, Optimizer optimizer, double rate, EncodedSet train, EncodedSet validation)
    {
        if (prefixNodes == 0) throw new InvalidOperationException("There is no frozen prefix, which this case measures.");
        var last = new LastLoss();
        new TrainingLoop(model, new Classification("y", classes, null), new TrainingSettings
        {
            Loss = new CrossEntropy(),
            Optimizer = optimizer,
            Schedule = new ConstantSchedule(long.MaxValue),
            Metric = MetricCatalog.Get("accuracy", MetricTasks.Multiclass),
            LearningRate = rate,
            Epochs = 10,
            BatchSize = Batch,
            MicroBatchSize = Batch,
            CheckpointSeconds = double.MaxValue,
        }, train, validation).Run(last);
        return last.Loss;
    }

    private sealed class LastLoss : Callback
    {
        public double Loss { get; private set; }

        public override void Step(in StepReport report) => Loss = report.Loss;
    }
}
