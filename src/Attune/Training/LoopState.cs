using Attune.Engines;
using Attune.Schedules;

namespace Attune.Training;

/// <summary>Where a run stands between two steps: with the same data and settings the loop continues from it to the same final bits.</summary>
public sealed record LoopState
{
    /// <summary>Optimizer steps done.</summary>
    public long Step { get; init; }

    /// <summary>Epoch under way, 0-based.</summary>
    public int Epoch { get; init; }

    /// <summary>Rows of the epoch already used.</summary>
    public int Position { get; init; }

    /// <summary>Loss sum over the epoch's rows so far.</summary>
    public double EpochLossSum { get; init; }

    /// <summary>Loss count over the epoch's rows so far.</summary>
    public double EpochLossCount { get; init; }

    /// <summary>Best validation metric; null before the first defined one.</summary>
    public double? BestMetric { get; init; }

    /// <summary>Epoch of the best weights; -1 before the first validation.</summary>
    public int BestEpoch { get; init; } = -1;

    /// <summary>What the schedule remembers of the validations.</summary>
    public PlateauState Plateau { get; init; } = PlateauState.Start;

    /// <summary>True when nothing is left to train.</summary>
    public bool Finished { get; init; }

    /// <summary>Bytes of the event log that belong to this state.</summary>
    public long EventBytes { get; init; }

    /// <summary>Weights, buffers and optimizer state now.</summary>
    public TrainingState? Current { get; init; }

    /// <summary>Moving average of weights and buffers; null when none is kept.</summary>
    public IReadOnlyDictionary<string, float[]>? Average { get; init; }

    /// <summary>Weights and buffers of the best epoch; null before the first validation.</summary>
    public IReadOnlyDictionary<string, float[]>? Best { get; init; }
}
