using System.Text.Json;
using Attune.Schedules;

namespace Attune.Tests.Golden;

/// <summary>Cases of optimizers/schedules.json: the rate of every step to 1e-9.</summary>
public static class SchedulesGolden
{
    public static IEnumerable<GoldenOutcome> Run(string goldenFolder)
    {
        var path = Path.Combine(goldenFolder, "optimizers", "schedules.json");
        if (!File.Exists(path)) yield break;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var rate = document.RootElement.GetProperty("base_lr").GetDouble();
        foreach (var golden in document.RootElement.GetProperty("cases").EnumerateArray())
            yield return GoldenOutcome.Of("schedules/" + golden.GetProperty("name").GetString(), () => Check(golden, rate));
    }

    private static string? Check(JsonElement golden, double rate)
    {
        var settings = golden.GetProperty("settings");
        long Number(string key, long fallback) => settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : fallback;
        double Real(string key, double fallback) => settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : fallback;
        bool Flag(string key) => settings.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;
        bool Is(string key, string value) => !settings.TryGetProperty(key, out var given) || given.GetString() == value;
        long total = Number("total", Number("total_steps", 1000)), warmup = Number("warmup", 0);
        if (golden.GetProperty("reference").GetString() == "torch ReduceLROnPlateau") return Plateau(golden, settings, rate);
        Schedule schedule = golden.GetProperty("reference").GetString() switch
        {
            "get_linear_schedule_with_warmup" => new LinearSchedule(total, warmup),
            "get_cosine_schedule_with_warmup" => new CosineSchedule(total, warmup, Real("num_cycles", 0.5)),
            "get_cosine_with_min_lr_schedule_with_warmup" => new CosineSchedule(total, warmup, Real("num_cycles", 0.5), Real("min_lr_rate", Real("min_lr", 0) / rate)),
            "get_cosine_with_hard_restarts_schedule_with_warmup" => new CosineRestartsSchedule(total, warmup, (int)Number("num_cycles", 1)),
            "get_polynomial_decay_schedule_with_warmup" => new PolynomialSchedule(total, warmup, Real("power", 1), Real("lr_end", 1e-7) / rate),
            "get_constant_schedule" or "get_constant_schedule_with_warmup" => new ConstantSchedule(total, warmup),
            "get_inverse_sqrt_schedule" => new InverseSqrtSchedule(total, warmup, settings.TryGetProperty("timescale", out var scale) && scale.ValueKind == JsonValueKind.Number ? scale.GetInt64() : null),
            "get_wsd_schedule" when Is("warmup_type", "linear") && Is("decay_type", "cosine") => new WarmupStableDecaySchedule(total, warmup, Number("decay", 0), Real("min_lr_ratio", 0)),
            "torch OneCycleLR" => new OneCycleSchedule(total, Real("pct_start", 0.3), Real("div_factor", 25), Real("final_div_factor", 1e4), Flag("three_phase"), !Is("anneal", "cos")),
            "torch StepLR" => new StepSchedule(total, 0, Number("step_size", 1), Real("gamma", 0.1)),
            "torch MultiStepLR" => new StepSchedule(total, 0, [.. settings.GetProperty("milestones").EnumerateArray().Select(m => m.GetInt64())], Real("gamma", 0.1)),
            "torch ExponentialLR" => new ExponentialSchedule(total, 0, Real("gamma", 1)),
            "torch CosineAnnealingLR" => new CosineSchedule(Number("T_max", 1), 0, 0.5, Real("eta_min", 0) / rate),
            "torch CosineAnnealingWarmRestarts" => new CosineRestartsSchedule(total, 0, Number("T_0", 1), (int)Number("T_mult", 1), Real("eta_min", 0) / rate),
            var other => throw new NotImplementedException($"no schedule like '{other}'"),
        };
        var step = 0;
        foreach (var expected in golden.GetProperty("lr").EnumerateArray())
        {
            var actual = rate * schedule.Factor(step);
            if (Math.Abs(actual - expected.GetDouble()) > 1e-9) return FormattableString.Invariant($"step {step}: {actual}, expected {expected.GetDouble()}");
            step++;
        }
        return null;
    }

    private static string? Plateau(JsonElement golden, JsonElement settings, double rate)
    {
        if (settings.GetProperty("threshold_mode").GetString() != "rel") throw new NotImplementedException("no plateau with an absolute threshold");
        int Number(string key) => settings.TryGetProperty(key, out var value) ? value.GetInt32() : 0;
        var schedule = new PlateauSchedule(1000, 0, settings.GetProperty("factor").GetDouble(), Number("patience"), settings.GetProperty("threshold").GetDouble(), Number("cooldown"));
        var (state, step) = (PlateauState.Start, 0);
        foreach (var (metric, expected) in golden.GetProperty("metric").EnumerateArray().Zip(golden.GetProperty("lr_after_metric").EnumerateArray()))
        {
            state = schedule.Observe(state, metric.GetDouble(), settings.GetProperty("mode").GetString() == "max");
            var actual = rate * schedule.Factor(step) * state.Factor;
            if (Math.Abs(actual - expected.GetDouble()) > 1e-9) return FormattableString.Invariant($"after metric {step}: {actual}, expected {expected.GetDouble()}");
            step++;
        }
        return null;
    }
}
