namespace Attune.Schedules;

/// <summary>gamma^(drops so far) (torch <c>StepLR</c>, <c>MultiStepLR</c>).</summary>
public sealed class StepSchedule : Schedule
{
    private readonly long _every;
    private readonly IReadOnlyList<long> _milestones = [];
    private readonly double _gamma;

    /// <summary>Drops after every so many steps.</summary>
    /// <param name="totalSteps">Planned optimizer steps.</param>
    /// <param name="warmupSteps">Steps of linear warm-up.</param>
    /// <param name="every">Steps between drops, ≥ 1; default null: a third of all.</param>
    /// <param name="gamma">Factor of a drop, (0, 1); default 0.1.</param>
    public StepSchedule(long totalSteps, long warmupSteps = 0, long? every = null, double gamma = 0.1) : base(totalSteps, warmupSteps)
        => (_every, _gamma) = (Math.Max(1, every ?? (totalSteps + 2) / 3), gamma);

    /// <summary>Drops at the given steps.</summary>
    /// <param name="totalSteps">Planned optimizer steps.</param>
    /// <param name="warmupSteps">Steps of linear warm-up.</param>
    /// <param name="milestones">First steps of the lower rates.</param>
    /// <param name="gamma">Factor of a drop, (0, 1).</param>
    public StepSchedule(long totalSteps, long warmupSteps, IReadOnlyList<long> milestones, double gamma) : base(totalSteps, warmupSteps)
        => (_milestones, _gamma) = (milestones, gamma);

    /// <inheritdoc/>
    public override string Name => "step";

    private protected override double AfterWarmup(long step) => Math.Pow(_gamma, _every > 0 ? step / _every : _milestones.Count(m => step >= m));
}
