using System.Globalization;
using System.Text.RegularExpressions;

namespace Attune.Text;

/// <summary>
/// Matches of a regular expression in Oniguruma's syntax, which .NET's engine runs after translation. .NET sees UTF-16 units: a code point beyond the BMP is shown to it as
/// one unit of the same general category (and of the script Han, Hiragana or Katakana), so that classes mean what they mean by code point.
/// </summary>
internal sealed class RegexPattern : SplitPattern
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // One rare unit a general category, in the order of UnicodeCategory.
    private const string StandIns = "\uA780\uA781\u1F88\uA7F9\uA840\uA8C5\uA880\u20DD\uA620\uA6E6\uA830\u2002\u2028\u2029\u0080\u2060\uFFFD\uE000\u2040\u2E3A\u2E28\u2E29\u2E02\u2E03\uA874\u2A00\uA838\uA700\uA490\u0378";

    private readonly Regex _regex;

    private RegexPattern(string pattern, TimeSpan limit)
        => _regex = new(OnigurumaSyntax.Translate(pattern), RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled, limit);

    /// <summary>The pattern of a tokenizer.json: a scanner of our own for the well-known ones, else .NET's engine.</summary>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    /// <exception cref="NotSupportedException">The pattern uses a feature of Oniguruma that has no counterpart.</exception>
    public static SplitPattern Create(string pattern) => (SplitPattern?)GptPattern.Find(pattern) ?? ByEngine(pattern);

    /// <summary>The pattern run by .NET's engine in any case.</summary>
    public static RegexPattern ByEngine(string pattern, TimeSpan? limit = null) => new(pattern, limit ?? Limit);

    public override void Find(ReadOnlySpan<char> text, List<(int Start, int End, bool IsMatch)> matches)
    {
        var first = text.IndexOfAnyInRange('\uD800', '\uDBFF');
        if (first < 0)
        {
            Find(text, matches, null);
            return;
        }
        var (shown, starts, count) = (new char[text.Length], new int[text.Length + 1], 0);
        for (int i = 0, codePoint; i < text.Length; i += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(text, i);
            (shown[count], starts[count]) = (codePoint > 0xFFFF ? StandIn(codePoint) : text[i], i);
            count++;
        }
        starts[count] = text.Length;
        Find(shown.AsSpan(0, count), matches, starts);
    }

    private void Find(ReadOnlySpan<char> text, List<(int Start, int End, bool IsMatch)> matches, int[]? places)
    {
        int Place(int i) => places is null ? i : places[i];
        if (text.IsEmpty)
        {
            matches.Add((0, 0, false));
            return;
        }
        var (last, isFirst) = (0, true);
        try
        {
            foreach (var match in _regex.EnumerateMatches(text))
            {
                var (start, end) = (match.Index, match.Index + match.Length);
                // An empty match right after another is none.
                if (start == end && start == last && !isFirst) continue;
                isFirst = false;
                if (last != start) matches.Add((Place(last), Place(start), false));
                matches.Add((Place(start), Place(end), true));
                last = end;
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new TokenizationException($"The tokenizer's pattern '{TokenizationException.Preview(_regex.ToString())}' did not end within {_regex.MatchTimeout.TotalSeconds} seconds on "
                + $"'{TokenizationException.Preview(text)}' ({text.Length} characters). Shorten the text, or use a tokenizer with a simpler pattern.", e);
        }
        if (last != text.Length) matches.Add((Place(last), Place(text.Length), false));
    }

    private static char StandIn(int codePoint) => UnicodeScript.Of(codePoint) switch
    {
        UnicodeScript.Han => CharUnicodeInfo.GetUnicodeCategory(codePoint) == UnicodeCategory.OtherLetter ? '\u3400' : StandIns[(int)CharUnicodeInfo.GetUnicodeCategory(codePoint)],
        UnicodeScript.Hiragana => '\u309F',
        UnicodeScript.Katakana => '\u30FF',
        _ => StandIns[(int)CharUnicodeInfo.GetUnicodeCategory(codePoint)],
    };
}
