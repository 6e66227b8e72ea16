using Attune.Evaluation;
using Attune.Training;

namespace Attune.Runs;

/// <summary>How a run is watched and stopped; changes nothing of what is computed.</summary>
public sealed record RunRequest
{
    /// <summary>Replaces an earlier run in the output folder.</summary>
    public bool Force { get; init; }

    /// <summary>Accepts a checkpoint of another thread count, CPU or version when resuming.</summary>
    public bool AllowDrift { get; init; }

    /// <summary>The command as the user typed it, kept in run.json; null from code.</summary>
    public string? Command { get; init; }

    /// <summary>Watchers.</summary>
    public IReadOnlyList<Callback> Callbacks { get; init; } = [];

    /// <summary>Decides when checkpoints are due and stamps run.json.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Stops after the current step with a checkpoint.</summary>
    public CancellationToken Stop { get; init; }
}

/// <summary>What a run ended with.</summary>
/// <param name="Path">The run folder.</param>
/// <param name="Completed">False when it was interrupted and can be resumed.</param>
/// <param name="Verdict">The verdict; null when interrupted.</param>
/// <param name="Evaluation">All metrics; null when interrupted.</param>
public sealed record RunResult(string Path, bool Completed, Verdict? Verdict, EvaluationReport? Evaluation);
