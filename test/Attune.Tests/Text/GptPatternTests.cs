using Attune.Text;

namespace Attune.Tests.Text;

public class GptPatternTests
{
    [Theory]
    [InlineData(GptPattern.Gpt2)]
    [InlineData(GptPattern.Llama3)]
    [InlineData(GptPattern.Qwen2)]
    public void The_scanner_cuts_where_the_regular_expression_does(string pattern)
    {
        var (scanner, engine, random) = (RegexPattern.Create(pattern), RegexPattern.ByEngine(pattern), new Random(7));
        Assert.IsType<GptPattern>(scanner);
        string[] texts = ["", " ", "a", "don't DON'T 'Ll'", "  \n\n  x", "x  \r\n", " 12345  67", "a\u00A0\u00A0b", "\uD835\uDC00\uD83D\uDE80 \uD83D\uDE80x", "'s's 'sa", .. Enumerable.Range(0, 3000).Select(_ => TokenizerFixtures.RandomText(random, random.Next(1, 40)))];
        foreach (var raw in texts)
        {
            var text = Characters.WithoutLoneSurrogates(raw).Replace('\u017F', 'x');   // .NET does not fold this letter, Oniguruma does
            Assert.Equal(Matches(engine, text), Matches(scanner, text));
        }
    }

    private static List<(int, int, bool)> Matches(SplitPattern pattern, string text)
    {
        var matches = new List<(int, int, bool)>();
        pattern.Find(text, matches);
        return matches;
    }
}
