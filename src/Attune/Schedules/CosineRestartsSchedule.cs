namespace Attune.Schedules;

/// <summary>
/// Half a cosine from 1 to the minimum, again and again (Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5). Equals Hugging Face
/// <c>cosine_with_restarts</c> with cycles of equal length, torch <c>CosineAnnealingWarmRestarts</c> with a first cycle in steps.
/// </summary>
public sealed class CosineRestartsSchedule : Schedule
{
    private readonly double _first, _growth, _minimum, _cycles;

    /// <summary>A whole number of cycles between the warm-up and the last step.</summary>
    /// <param name="totalSteps">Planned optimizer steps; the factor is the minimum from there on.</param>
    /// <param name="warmupSteps">Steps of linear warm-up.</param>
    /// <param name="cycles">Cycles, ≥ 1; default 3.</param>
    /// <param name="growth">Length of a cycle over that of the one before, ≥ 1; default 1.</param>
    /// <param name="minimum">Lowest factor, [0, 1); default 0.</param>
    public CosineRestartsSchedule(long totalSteps, long warmupSteps = 0, int cycles = 3, double growth = 1, double minimum = 0) : base(totalSteps, warmupSteps)
    {
        (_growth, _minimum, _cycles) = (growth, minimum, cycles);
        _first = Math.Max(1, totalSteps - warmupSteps) * (growth == 1 ? 1.0 / cycles : (growth - 1) / (Math.Pow(growth, cycles) - 1));
    }

    /// <summary>Cycles from a first one of <paramref name="firstCycle"/> steps, each <paramref name="growth"/> times as long as the one before.</summary>
    public CosineRestartsSchedule(long totalSteps, long warmupSteps, long firstCycle, int growth, double minimum) : base(totalSteps, warmupSteps)
        => (_first, _growth, _minimum, _cycles) = (firstCycle, growth, minimum, 0);

    /// <inheritdoc/>
    public override string Name => "cosine-restarts";

    private protected override double AfterWarmup(long step)
    {
        if (step >= TotalSteps) return _minimum;
        return _minimum + (1 - _minimum) * 0.5 * (1 + Math.Cos(Math.PI * Fraction(step)));
    }

    // Equal cycles are cut by multiplying: added lengths would miss a boundary by a rounding error.
    private double Fraction(long step)
    {
        if (_cycles > 0 && _growth == 1) return _cycles * Progress(step) % 1;
        double at = step - WarmupSteps, length = _first;
        while (at >= length)
        {
            at -= length;
            length *= _growth;
        }
        return at / length;
    }
}
