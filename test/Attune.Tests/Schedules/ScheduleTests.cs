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
        for (var step = 0; step < 10; step++)
        {
            if (schedule is OneCycleSchedule) Assert.InRange(schedule.Factor(step), step == 0 ? 0.04 : schedule.Factor(step - 1), 1);
            else Assert.Equal(step / 10.0, schedule.Factor(step), 12);
        }
        Assert.Equal(1, schedule.Factor(10), 12);
        for (var step = 11; step <= 100; step++) Assert.InRange(schedule.Factor(step), 0, schedule is CosineRestartsSchedule ? 1 : schedule.Factor(step - 1) + 1e-12);
    }

    public static TheoryData<string, string> Settings => new()
    {
        { "cosine", "cycles" }, { "cosine", "minimum" }, { "cosine-restarts", "cycles" }, { "cosine-restarts", "cycle-growth" }, { "cosine-restarts", "minimum" }, { "exponential", "minimum" },
        { "one-cycle", "minimum" }, { "polynomial", "power" }, { "polynomial", "minimum" }, { "step", "gamma" }, { "step", "drop-every" }, { "warmup-stable-decay", "decay-ratio" },
        { "warmup-stable-decay", "minimum" }, { "plateau", "gamma" }, { "plateau", "patience" }, { "plateau", "threshold" }, { "plateau", "minimum" },
    };

    [Theory, MemberData(nameof(Settings))]
    public void Each_setting_changes_the_schedule_it_belongs_to_and_is_refused_by_others(string name, string setting)
    {
        ScheduleOptions options = setting switch
        {
            "cycles" => new() { Cycles = 2 },
            "minimum" => new() { Minimum = 0.3 },
            "cycle-growth" => new() { CycleGrowth = 2 },
            "power" => new() { Power = 3 },
            "gamma" => new() { Gamma = 0.5 },
            "drop-every" => new() { DropEvery = 0.2 },
            "decay-ratio" => new() { DecayRatio = 0.5 },
            "patience" => new() { Patience = 1 },
            _ => new() { Threshold = 0.4 },
        };
        Assert.NotEqual(Factors(ScheduleCatalog.Create(name, 100, 10)), Factors(ScheduleCatalog.Create(name, 100, 10, options)));
        Assert.Contains($"training.schedule-{setting} has no effect on the schedule 'constant'", Assert.Throws<OptionsException>(() => ScheduleCatalog.Create("constant", 100, 10, options)).Message);
    }

    private static double[] Factors(Schedule schedule)
    {
        var state = PlateauState.Start;
        var factors = new List<double>();
        for (var step = 0; step < 100; step++)
        {
            factors.Add(schedule.Factor(step) * state.Factor);
            if (step % 10 == 9) state = schedule.Observe(state, step < 15 ? 1 - 0.02 * step : 0.7, false);
        }
        return [.. factors];
    }

    [Fact]
    public void Growing_cycles_fill_the_run()
    {
        var schedule = new CosineRestartsSchedule(70, 0, 3, 2);
        Assert.Equal([0L, 10, 30], Enumerable.Range(0, 70).Where(s => schedule.Factor(s) == 1).Select(s => (long)s));
        Assert.Equal(0, schedule.Factor(70));
    }

    [Fact]
    public void Plateau_waits_for_metrics_that_are_numbers_in_either_direction()
    {
        var schedule = new PlateauSchedule(100, 0, 0.5, patience: 1);
        var state = PlateauState.Start;
        foreach (var metric in (double[])[-2, double.NaN, -1, -1, double.NaN, -1]) state = schedule.Observe(state, metric, true);
        Assert.Equal(new PlateauState(0.5, -1, 0, 0), state);
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
