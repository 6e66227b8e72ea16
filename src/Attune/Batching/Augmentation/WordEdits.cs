using System.Text;
using Attune.Randomness;

namespace Attune.Batching.Augmentation;

/// <summary>
/// Edits of a text's words that leave its label: synonyms, swaps, deletion, in this order (Wei and Zou 2019, "EDA", arXiv:1901.11196, section 2). A word is a run of letters and digits with apostrophes and hyphens inside;
/// punctuation stays where it is. Departures: each word is replaced by chance of its own instead of a rounded number of words, and nothing is inserted.
/// </summary>
/// <param name="deletion">Chance of each word to be left out, in [0, 1); one word always stays.</param>
/// <param name="swap">Swaps of two words for each word of the text, in [0, 1).</param>
/// <param name="synonyms">What may stand for what; null for none.</param>
/// <param name="synonymShare">Chance of each listed word to be replaced, in [0, 1].</param>
public sealed class WordEdits(double deletion, double swap, SynonymList? synonyms, double synonymShare)
{
    private readonly record struct Word(int Start, int End, string Text);

    /// <summary>The edited text.</summary>
    /// <param name="text">A text.</param>
    /// <param name="stream">Numbers that decide.</param>
    public string Apply(string text, Philox stream)
    {
        var words = WordsOf(text);
        if (words.Count == 0) return text;
        var draw = 0UL;
        for (var i = 0; synonyms is not null && i < words.Count; i++)
        {
            var others = synonyms.Of(words[i].Text);
            if (others.Count > 0 && stream.Uniform(draw++) < synonymShare) words[i] = words[i] with { Text = SynonymList.Like(others[(int)Below(others.Count)], words[i].Text) };
        }
        var swaps = swap > 0 && words.Count > 1 ? (int)(swap * words.Count + stream.Uniform(draw++)) : 0;   // rounded up as often as its fraction says
        for (; swaps > 0; swaps--)
        {
            var (a, b) = ((int)Below(words.Count), (int)Below(words.Count - 1));
            if (b >= a) b++;
            (words[a], words[b]) = (words[a] with { Text = words[b].Text }, words[b] with { Text = words[a].Text });
        }
        var leaves = new bool[words.Count];
        if (deletion > 0)
        {
            for (var i = 0; i < leaves.Length; i++) leaves[i] = stream.Uniform(draw++) < deletion;
            if (!leaves.Contains(false)) leaves[Below(leaves.Length)] = false;
        }
        return Joined(text, words, leaves);

        long Below(int bound)
        {
            draw = (draw + 3) / 4 * 4;   // Below reads a block of four
            var number = stream.Below(draw / 4, bound);
            draw += 4;
            return number;
        }
    }

    private static string Joined(string text, List<Word> words, bool[] leaves)
    {
        var (made, at) = (new StringBuilder(text.Length), 0);
        for (var i = 0; i < words.Count; i++)
        {
            made.Append(text, at, words[i].Start - at);
            at = words[i].End;
            if (!leaves[i]) made.Append(words[i].Text);
            else if (at < text.Length && text[at] == ' ' && (made.Length == 0 || made[^1] == ' ')) at++;
        }
        return made.Append(text, at, text.Length - at).ToString();
    }

    private static List<Word> WordsOf(string text)
    {
        var words = new List<Word>();
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsInner(text[i])) continue;
            var start = i;
            while (i < text.Length && (IsInner(text[i]) || (text[i] is '\'' or '’' or '-' && i + 1 < text.Length && IsInner(text[i + 1])))) i++;
            words.Add(new Word(start, i, text[start..i]));
        }
        return words;
    }

    private static bool IsInner(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;
}
