namespace Attune.Evaluation;

/// <summary>How intervals are made.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Seed of the bootstrap; equal seeds give equal intervals on every machine, whatever the thread count.</summary>
    public ulong Seed { get; init; }

    /// <summary>Bootstrap resamples, ≥ 100. Default 1000: the end of a 95 % interval then wobbles by about 3 % of its width between seeds.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Values alone, without intervals.</summary>
    public EvaluationSettings WithoutIntervals => this with { Resamples = 0 };

    /// <summary>Threads, ≥ 1. Default 1.</summary>
    public int Threads { get; init; } = 1;

    internal void Validate()
    {
        if (Resamples is not 0 and < 100) throw new OptionsException($"evaluation.resamples: at least 100 are needed for a 95 % interval; got {Resamples}.");
        if (Threads < 1) throw new OptionsException($"evaluation.threads: at least 1; got {Threads}.");
    }
}
