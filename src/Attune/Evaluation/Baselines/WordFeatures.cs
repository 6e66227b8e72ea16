using Attune.Encoding;

namespace Attune.Evaluation.Baselines;

/// <summary>
/// What simple models see of texts: words weighted by tf-idf, as scikit-learn's TfidfVectorizer does with its defaults (words of two letters and more in lower case, smooth
/// idf ln((1 + n) / (1 + df)) + 1, rows of unit length), over the words that stand in most training texts.
/// </summary>
public sealed class WordFeatures
{
    /// <summary>Name of the block.</summary>
    public const string Name = "words";

    private const int MostWords = 2_000;

    private readonly Dictionary<string, int> _words;
    private readonly float[] _idf;

    private WordFeatures(Dictionary<string, int> words, float[] idf) => (_words, _idf) = (words, idf);

    /// <summary>Chooses the words of training texts.</summary>
    /// <param name="texts">One text a row.</param>
    public static WordFeatures Fit(IReadOnlyList<string> texts)
    {
        var documents = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var word in WordsOf(text).Distinct(StringComparer.Ordinal)) documents[word] = documents.GetValueOrDefault(word) + 1;
        }
        var chosen = documents.OrderByDescending(d => d.Value).ThenBy(d => d.Key, StringComparer.Ordinal).Take(MostWords).ToList();
        return new WordFeatures(
            chosen.Select((d, i) => (d.Key, i)).ToDictionary(d => d.Key, d => d.i, StringComparer.Ordinal),
            [.. chosen.Select(d => (float)(Math.Log((1.0 + texts.Count) / (1 + d.Value)) + 1))]);
    }

    /// <summary>The block of some texts, [R, words].</summary>
    /// <param name="texts">One text a row.</param>
    public FloatInput Apply(IReadOnlyList<string> texts)
    {
        var values = new float[checked(texts.Count * Math.Max(1, _idf.Length))];
        var width = Math.Max(1, _idf.Length);
        for (var row = 0; row < texts.Count; row++)
        {
            var line = values.AsSpan(row * width, width);
            foreach (var word in WordsOf(texts[row]))
            {
                if (_words.TryGetValue(word, out var place)) line[place] += _idf[place];
            }
            var length = 0.0;
            foreach (var value in line) length += (double)value * value;
            if (length == 0) continue;
            var scale = (float)(1 / Math.Sqrt(length));
            for (var i = 0; i < line.Length; i++) line[i] *= scale;
        }
        return new FloatInput(Name, width, values);
    }

    private static IEnumerable<string> WordsOf(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!IsWord(text[i]))
            {
                i++;
                continue;
            }
            var start = i;
            while (i < text.Length && IsWord(text[i])) i++;
            if (i - start > 1) yield return text[start..i].ToLowerInvariant();
        }

        static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';
    }
}
