namespace Attune.Tests.Golden;

public sealed class TokenizersGoldenTests
{
    [Fact]
    public void No_tokenizer_case_fails_and_those_of_this_repository_are_found()
    {
        var given = Environment.GetEnvironmentVariable("ATTUNE_GOLDEN");
        var outcomes = TokenizersGolden.Run(given ?? TestFiles.At("test", "golden")).ToList();
        Assert.DoesNotContain(outcomes, o => o.Status == "failed");
        if (given is null) Assert.Equal(74, outcomes.Count(o => o.Status == "passed"));
    }
}
