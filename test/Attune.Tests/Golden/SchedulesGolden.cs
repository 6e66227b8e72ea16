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
        long Number(string key, long fallback) => settings.TryGetProperty(key, out var value) ? value.GetInt64() : fallback;
        long total = Number("total", 1000), warmup = Number("warmup", 0);
        Schedule schedule = golden.GetProperty("reference").GetString() switch
        {
            "get_linear_schedule_with_warmup" => new LinearSchedule(total, warmup),
            "get_cosine_schedule_with_warmup" => new CosineSchedule(total, warmup, settings.GetProperty("num_cycles").GetDouble()),
            "get_constant_schedule" or "get_constant_schedule_with_warmup" => new ConstantSchedule(total, warmup),
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
}
