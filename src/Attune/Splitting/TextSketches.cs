using System.Numerics;

namespace Attune.Splitting;

/// <summary>
/// Texts as sets of three words in a row (shingles; Broder 1997, "On the resemblance and containment of documents"), and as 64 least hashes of them by one pass (one-permutation hashing; Li, Owen and Zhang 2012,
/// arXiv:1208.1259, empty bins filled as Shrivastava 2017 does). Cost is linear in the text.
/// </summary>
internal static class TextSketches
{
    /// <summary>Hashes of a sketch.</summary>
    public const int Bins = 64;

    private const int WordsOfShingle = 3;

    /// <summary>Distinct hashes of the shingles, sorted; of a shorter text the hash of its words. Case, punctuation and white space do not count. Empty for a text without a word.</summary>
    public static ulong[] Shingles(string text)
    {
        Span<ulong> last = stackalloc ulong[WordsOfShingle];
        var (shingles, words, all) = (new List<ulong>(), 0, 0UL);
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i])) continue;
            var word = 14695981039346656037UL;
            // a script without spaces: every sign is a word
            if (text[i] >= '⺀') word = (word ^ text[i]) * 1099511628211UL;
            else
            {
                for (; i < text.Length && char.IsLetterOrDigit(text[i]) && text[i] < '⺀'; i++) word = (word ^ char.ToLowerInvariant(text[i])) * 1099511628211UL;
                i--;
            }
            last[words++ % WordsOfShingle] = word;
            all = Mix(all * 31 + word);
            if (words >= WordsOfShingle) shingles.Add(Mix(Mix(last[words % WordsOfShingle] * 3 + last[(words + 1) % WordsOfShingle]) * 5 + last[(words + 2) % WordsOfShingle]));
        }
        if (words is > 0 and < WordsOfShingle) shingles.Add(all);
        return [.. shingles.Distinct().Order()];
    }

    /// <summary>The least hash of each bin; empty bins take that of another. Null for an empty set.</summary>
    public static ulong[]? Sketch(ReadOnlySpan<ulong> shingles)
    {
        if (shingles.IsEmpty) return null;
        var (least, filled) = (new ulong[Bins], new bool[Bins]);
        foreach (var shingle in shingles)
        {
            var bin = (int)(shingle % Bins);
            least[bin] = filled[bin] ? Math.Min(least[bin], shingle) : shingle;
            filled[bin] = true;
        }
        for (var bin = 0; bin < Bins; bin++)
        {
            if (filled[bin]) continue;
            var (attempt, other) = (0UL, bin);
            while (!filled[other]) other = (int)(Mix((ulong)bin * 0x9E3779B97F4A7C15UL + ++attempt) % Bins);
            least[bin] = Mix(least[other] + (ulong)bin);
        }
        return least;
    }

    /// <summary>|A ∩ B| / |A ∪ B| of two sorted sets.</summary>
    public static double Jaccard(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b)
    {
        var (i, j, both) = (0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            if (a[i] == b[j]) (i, j, both) = (i + 1, j + 1, both + 1);
            else if (a[i] < b[j]) i++;
            else j++;
        }
        return both == 0 ? 0 : both / (double)(a.Length + b.Length - both);
    }

    internal static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return BitOperations.RotateLeft(x ^ (x >> 31), 17) + 0x9E3779B97F4A7C15UL;
    }
}
