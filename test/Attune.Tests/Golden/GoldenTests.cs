namespace Attune.Tests.Golden;

public sealed class GoldenTests
{
    [Fact]
    public void Adapters_agree_or_are_pending() => Check(AdaptersGolden.Run(GoldenTensors.Folder()), atLeast: 1);

    [Fact]
    public void Objectives_agree_or_are_pending() => Check(ObjectivesGolden.Run(GoldenTensors.Folder()), atLeast: 12);

    [Fact]
    public void Optimizers_agree_or_are_pending() => Check(OptimizersGolden.Run(GoldenTensors.Folder()), atLeast: 9);

    [Fact]
    public void Schedules_agree_or_are_pending() => Check(SchedulesGolden.Run(GoldenTensors.Folder()), atLeast: 6);

    [Fact]
    public void Training_agrees_or_is_pending() => Check(TrainingGolden.Run(GoldenTensors.Folder()), atLeast: 4);

    private static void Check(IEnumerable<GoldenOutcome> outcomes, int atLeast)
    {
        var all = outcomes.ToList();
        Assert.Empty(all.Where(o => o.Status == "failed").Select(o => $"{o.Case}: {o.Detail}"));
        Assert.True(all.Count(o => o.Status == "passed") >= atLeast, string.Join(", ", all.Where(o => o.Status == "passed").Select(o => o.Case)));
    }
}
