namespace Attune.Tests.Golden;

public sealed class SplitsGoldenTests
{
    [Fact]
    public void Holdout_counts_equal_the_reference()
    {
        var outcomes = SplitsGolden.Run(Environment.GetEnvironmentVariable("ATTUNE_GOLDEN") ?? TestFiles.At("test", "golden")).ToList();
        Assert.NotEmpty(outcomes);
        Assert.DoesNotContain(outcomes, o => o.Status == "failed");
    }
}
