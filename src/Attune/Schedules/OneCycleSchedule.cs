namespace Attune.Schedules;

/// <summary>
/// Rises from 1/25 to 1 and falls far below the start (Smith and Topin 2019, arXiv:1708.07120; torch <c>OneCycleLR</c>). With three phases it falls first as it rose, then on
/// to the end. The momentum is not cycled.
/// </summary>
public sealed class OneCycleSchedule : Schedule
{
    private readonly (double End, double From, double To)[] _phases;
    private readonly bool _linear;

    /// <summary>A cycle over all steps.</summary>
    /// <param name="totalSteps">Planned optimizer steps.</param>
    /// <param name="riseRatio">Share of the steps that rise, (0, 1); torch's default is 0.3.</param>
    /// <param name="startDivisor">1 / first factor; default 25.</param>
    /// <param name="endDivisor">First factor / last factor; default 10,000.</param>
    /// <param name="threePhases">Three phases instead of two; default false.</param>
    /// <param name="linear">Straight lines instead of cosines; default false.</param>
    public OneCycleSchedule(long totalSteps, double riseRatio = 0.3, double startDivisor = 25, double endDivisor = 1e4, bool threePhases = false, bool linear = false)
        : base(totalSteps, 0)
    {
        var (start, rise, last) = (1 / startDivisor, riseRatio * totalSteps - 1, totalSteps - 1.0);
        var end = start / endDivisor;
        _linear = linear;
        _phases = threePhases ? [(rise, start, 1), (2 * riseRatio * totalSteps - 2, 1, start), (last, start, end)] : [(rise, start, 1), (last, 1, end)];
    }

    /// <inheritdoc/>
    public override string Name => "one-cycle";

    private protected override double AfterWarmup(long step)
    {
        var begin = 0.0;
        foreach (var (end, from, to) in _phases)
        {
            if (step > end && end < _phases[^1].End)
            {
                begin = end;
                continue;
            }
            var way = end > begin ? Math.Min(1, (step - begin) / (end - begin)) : 1;
            return _linear ? from + (to - from) * way : to + (from - to) / 2 * (1 + Math.Cos(Math.PI * way));
        }
        return _phases[^1].To;
    }
}
