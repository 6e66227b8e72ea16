namespace Attune.Tests.Golden;

public sealed class MetricsGoldenTests
{
    [Fact]
    public void No_metric_case_fails_and_those_of_this_folder_are_found()
    {
        var outcomes = MetricsGolden.Run(Folder()).ToList();
        Assert.Empty(outcomes.Where(o => o.Status == "failed"));
        Assert.True(outcomes.Count(o => o.Status == "passed") >= 16, string.Join(Environment.NewLine, outcomes));
    }

    private static string Folder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Attune.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Attune.slnx above the tests.");
        return Path.Combine(folder, "test", "golden");
    }
}
