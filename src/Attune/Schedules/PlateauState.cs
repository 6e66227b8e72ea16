namespace Attune.Schedules;

/// <summary>What a schedule that watches the validation metric remembers; part of a run's checkpoint.</summary>
/// <param name="Factor">Factor on the rate.</param>
/// <param name="Best">Best metric so far; null before the first.</param>
/// <param name="Waited">Validations without improvement.</param>
/// <param name="Cooldown">Validations that do not count yet.</param>
public readonly record struct PlateauState(double Factor, double? Best, int Waited, int Cooldown)
{
    /// <summary>Before the first validation.</summary>
    public static readonly PlateauState Start = new(1, null, 0, 0);
}
