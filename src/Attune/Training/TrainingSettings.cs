using Attune.Losses;
using Attune.Metrics;
using Attune.Optimizers;
using Attune.Schedules;

namespace Attune.Training;

/// <summary>What the loop needs besides a model and rows, with nothing left to choose.</summary>
public sealed record TrainingSettings
{
    /// <summary>The objective.</summary>
    public required Loss Loss { get; init; }

    /// <summary>The update rule.</summary>
    public required Optimizer Optimizer { get; init; }

    /// <summary>Rate by step, relative to <see cref="LearningRate"/>.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Metric on validation rows that decides which weights are best.</summary>
    public required Metric Metric { get; init; }

    /// <summary>Peak rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Epochs at most.</summary>
    public required int Epochs { get; init; }

    /// <summary>Rows per optimizer step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Rows per pass.</summary>
    public required int MicroBatchSize { get; init; }

    /// <summary>Tokens per pass, padding included, at most; a pass has one row at least. 0 is off: <see cref="MicroBatchSize"/> alone decides. The sum of a step stays the same.</summary>
    public int MicroBatchTokens { get; init; }

    /// <summary>Whether token sequences of like lengths share a step; see <see cref="EpochSampler"/>.</summary>
    public bool BucketByLength { get; init; } = true;

    /// <summary>Largest gradient norm; 0 is off.</summary>
    public double MaxGradientNorm { get; init; }

    /// <summary>Epochs without improvement before stopping; 0 never.</summary>
    public int Patience { get; init; }

    /// <summary>Decay of the weights' moving average, which is then validated and kept; 0 is off.</summary>
    public double EmaDecay { get; init; }

    /// <summary>ε of the adversarial pass on the embedding tables (FGM; Miyato et al. 2017, arXiv:1605.07725); 0 is off.</summary>
    public double FgmEpsilon { get; init; }

    /// <summary>Seed of the row order.</summary>
    public ulong Seed { get; init; }

    /// <summary>Seconds between checkpoints at the least.</summary>
    public double CheckpointSeconds { get; init; } = 10;
}
