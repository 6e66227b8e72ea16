using Attune.Schedules;

namespace Attune.Tests.Schedules;

public sealed class ScheduleTests
{
    public static TheoryData<string> Names => [.. ScheduleCatalog.Names];

    [Theory, MemberData(nameof(Names))]
    public void Warm_up_rises_from_0_to_1_and_no_factor_leaves_the_unit_interval(string name)
    {
        var schedule = ScheduleCatalog.Create(name, 100, 10);
        Assert.Equal(name, schedule.Name);
        for (var step = 0; step < 10; step++) Assert.Equal(step / 10.0, schedule.Factor(step), 12);
        Assert.Equal(1, schedule.Factor(10), 12);
        for (var step = 11; step <= 100; step++) Assert.InRange(schedule.Factor(step), 0, schedule.Factor(step - 1) + 1e-12);
    }

    [Theory, MemberData(nameof(Names))]
    public void Runs_of_no_or_only_warm_up_steps_are_defined(string name)
    {
        Assert.True(double.IsFinite(ScheduleCatalog.Create(name, 0).Factor(0)));
        Assert.True(double.IsFinite(ScheduleCatalog.Create(name, 5, 5).Factor(5)));
    }

    [Fact]
    public void Unknown_names_and_too_long_warm_ups_are_refused()
    {
        Assert.Contains("Did you mean 'cosine'?", Assert.Throws<OptionsException>(() => ScheduleCatalog.Create("cosin", 10)).Message);
        Assert.Contains("training.warmup-steps is 11", Assert.Throws<OptionsException>(() => ScheduleCatalog.Create("linear", 10, 11)).Message);
    }

    [Fact]
    public void Catalog_is_alphabetical_and_complete()
    {
        Assert.Equal(ScheduleCatalog.Names.Order(StringComparer.Ordinal), ScheduleCatalog.Names);
        Assert.Equal(typeof(Schedule).Assembly.GetTypes().Count(t => t.IsSubclassOf(typeof(Schedule)) && !t.IsAbstract), ScheduleCatalog.Names.Count);
    }
}
