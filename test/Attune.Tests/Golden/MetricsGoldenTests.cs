namespace Attune.Tests.Golden;

public sealed class MetricsGoldenTests
{
    [Fact]
    public void No_metric_case_fails_and_those_of_this_repository_are_found()
    {
        var given = Environment.GetEnvironmentVariable("ATTUNE_GOLDEN");
        var outcomes = MetricsGolden.Run(given ?? Folder()).ToList();
        Assert.DoesNotContain(outcomes, o => o.Status == "failed");
        if (given is null) Assert.Equal(24, outcomes.Count(o => o.Status == "passed"));
    }

    private static string Folder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Attune.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Attune.slnx above the tests.");
        return Path.Combine(folder, "test", "golden");
    }
}
