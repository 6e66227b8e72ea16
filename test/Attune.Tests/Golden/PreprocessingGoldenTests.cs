namespace Attune.Tests.Golden;

public sealed class PreprocessingGoldenTests
{
    [Fact]
    public void Scalers_imputers_and_category_encoders_equal_the_reference()
    {
        var outcomes = PreprocessingGolden.Run(Folder()).ToList();
        Assert.DoesNotContain(outcomes, o => o.Status == "failed");
        TestContext.Current.SendDiagnosticMessage(string.Join(Environment.NewLine, outcomes.Select(o => $"{o.Status} {o.Case} {o.Detail}")));
        Assert.True(outcomes.Count(o => o.Status == "passed") >= 15, string.Join(Environment.NewLine, outcomes));
    }

    private static string Folder()
    {
        if (Environment.GetEnvironmentVariable("ATTUNE_GOLDEN") is { Length: > 0 } given) return given;
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Attune.slnx"))) folder = folder.Parent ?? throw new DirectoryNotFoundException("Attune.slnx");
        return Path.Combine(folder.FullName, "test", "golden");
    }
}
