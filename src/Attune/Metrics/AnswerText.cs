using System.Text;

namespace Attune.Metrics;

/// <summary>Answers as SQuAD's official script compares them: lower case, without punctuation, without the articles a, an and the, single spaces.</summary>
public static class AnswerText
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";   // Python's string.punctuation

    /// <summary>The text in that form.</summary>
    public static string Normalize(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var c in text.ToLowerInvariant())
        {
            if (!Punctuation.Contains(c, StringComparison.Ordinal)) kept.Append(c);
        }
        return string.Join(' ', Words(kept.ToString()).Where(w => w is not ("a" or "an" or "the")));
    }

    /// <summary>1 where both are the same in that form, else 0.</summary>
    public static double ExactMatch(string answer, string truth) => Normalize(answer) == Normalize(truth) ? 1 : 0;

    /// <summary>F1 over the words that both share, each as often as both have it; where one has no word, 1 if both have none, else 0.</summary>
    public static double F1(string answer, string truth)
    {
        var (mine, its) = (Words(Normalize(answer)), Words(Normalize(truth)));
        if (mine.Length == 0 || its.Length == 0) return mine.Length == its.Length ? 1 : 0;
        var left = its.GroupBy(w => w, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var shared = 0;
        foreach (var word in mine)
        {
            if (left.GetValueOrDefault(word) == 0) continue;
            left[word]--;
            shared++;
        }
        if (shared == 0) return 0;
        var (precision, recall) = ((double)shared / mine.Length, (double)shared / its.Length);
        return 2 * precision * recall / (precision + recall);
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
