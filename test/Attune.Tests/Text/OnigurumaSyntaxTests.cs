using Attune.Text;

namespace Attune.Tests.Text;

public class OnigurumaSyntaxTests
{
    [Theory]
    [InlineData(@"\p{L}++", "ab1c", "ab|c")]                                  // possessive
    [InlineData(@"[a-z&&[^aeiou]]+", "hello", "h|ll")]                         // intersection
    [InlineData(@"[a[bc]]+", "abcd", "abc")]                                   // union
    [InlineData(@"[^a[bc]]+", "xabcd", "x|d")]
    [InlineData(@"\p{Han}+", "ab\u4E2D\u6587\U00020000c", "\u4E2D\u6587\U00020000")]
    [InlineData(@"\p{Script=Hiragana}", "\u3042a", "\u3042")]
    [InlineData(@"[[:alpha:]]+", "ab1", "ab")]
    [InlineData(@"[[:^alpha:]]+", "ab1", "1")]
    [InlineData(@"\w+", "a\u0903b c", "a\u0903b|c")]                           // .NET's own \w lacks spacing marks
    [InlineData(@"\h+", "xFFg", "FF")]
    [InlineData(@"\x{4E2D}", "\u4E2D", "\u4E2D")]
    [InlineData(@"(?m:a.b)", "a\nb", "a\nb")]                                  // Ruby's m is .NET's s
    [InlineData(@"^b$", "a\nb\nc", "b")]                                       // ^ and $ know lines
    [InlineData(@"(?i:'s|'re)", "'S'Re", "'S|'Re")]
    [InlineData(@"\p{^L}+", "a12", "12")]
    [InlineData(@"\p{Lu}", "\U0001D400a", "\U0001D400")]                       // beyond the BMP by category
    [InlineData(@"[^\s\p{L}\p{N}]+", "a\U0001F680\U0001D7D8b", "\U0001F680")]
    [InlineData(@"a{,2}b", "aaab", "aab")]
    [InlineData(@"(?<!x)y", "xyy", "y")]
    [InlineData(@"[\]\-]", "a]-", "]|-")]
    public void A_pattern_matches_what_oniguruma_matches(string pattern, string text, string expected)
    {
        var matches = new List<(int Start, int End, bool IsMatch)>();
        RegexPattern.ByEngine(pattern).Find(text, matches);
        Assert.Equal(expected, string.Join('|', matches.Where(m => m.IsMatch).Select(m => text[m.Start..m.End])));
    }

    [Theory]
    [InlineData(@"\X")]
    [InlineData(@"(?~a)")]
    [InlineData(@"\p{Klingon}")]
    [InlineData("[\U0001F600]")]
    public void What_has_no_counterpart_is_refused(string pattern) => Assert.Throws<NotSupportedException>(() => OnigurumaSyntax.Translate(pattern));

    [Theory]
    [InlineData("[a")]
    [InlineData("a)")]
    [InlineData(@"\")]
    [InlineData(@"\p{L")]
    [InlineData("(a")]
    public void What_is_no_pattern_is_refused(string pattern) => Assert.ThrowsAny<ArgumentException>(() => RegexPattern.ByEngine(pattern));

    [Fact]
    public void A_pattern_that_takes_too_long_is_a_reason()
    {
        var error = Assert.Throws<TokenizationException>(() => RegexPattern.ByEngine("(a+)+b", TimeSpan.FromMilliseconds(50)).Find(new string('a', 5000), []));
        Assert.Contains("did not end within", error.Message);
    }
}
