using System.Collections.Concurrent;
using System.Text;

namespace Attune.Text;

/// <summary>Decomposition, composition and order of single code points, asked of the runtime's Unicode data once each.</summary>
internal static partial class UnicodeNormalization
{
    private const int MostCompositions = 100_000;

    private static readonly ConcurrentDictionary<int, int[]>[] Decompositions = [new(), new()];
    private static readonly ConcurrentDictionary<(int, int), int> Compositions = new();

    /// <summary>Whether the runtime can normalise; without ICU (InvariantGlobalization) it returns every text as it is.</summary>
    public static bool IsAvailable { get; } = "\u00E9".Normalize(NormalizationForm.FormD).Length == 2;

    /// <summary>The full canonical or compatible decomposition.</summary>
    public static int[] Decompose(int codePoint, bool compatible)
        => Decompositions[compatible ? 1 : 0].GetOrAdd(codePoint, static (c, form) =>
            Rune.IsValid(c) && c != 0xFFFE && !IsNewer(c) ? [.. new Rune(c).ToString().Normalize(form).EnumerateRunes().Select(r => r.Value)] : [c],
            compatible ? NormalizationForm.FormKD : NormalizationForm.FormD);

    /// <summary>The code point that canonically equals the pair, or −1.</summary>
    public static int Compose(int first, int second) => first < 0x3C && second < 0x300 ? -1 : Compositions.Count > MostCompositions ? Ask((first, second)) : Compositions.GetOrAdd((first, second), Ask);

    private static int Ask((int First, int Second) pair)
    {
        if (pair.First == 0xFFFE || pair.Second == 0xFFFE) return -1;
        var composed = (new Rune(pair.First).ToString() + new Rune(pair.Second)).Normalize(NormalizationForm.FormC);
        return Rune.TryGetRuneAt(composed, 0, out var rune) && rune.Utf16SequenceLength == composed.Length && !IsNewer(rune.Value) ? rune.Value : -1;
    }

    // Code points with decompositions that came after Unicode 12.0: the tokenizers library's data do not know them, and so they stay as they are.
    private static bool IsNewer(int c) => c >= 0x32FF && c is 0x32FF or (>= 0xA7F1 and <= 0xA7F4) or 0xAB69 or 0x105C9 or 0x105E4 or (>= 0x10781 and <= 0x107BA) or (>= 0x11383 and <= 0x113C8)
        or 0x11938 or (>= 0x16121 and <= 0x16128) or (>= 0x16D68 and <= 0x16D6A) or (>= 0x1CCD6 and <= 0x1CCF9) or (>= 0x1E030 and <= 0x1E06D) or 0x1F16C or (>= 0x1FBF0 and <= 0x1FBF9);

    /// <summary>Canonical combining class, 0 for a starter.</summary>
    public static int CombiningClass(int codePoint)
    {
        if (codePoint < 0x300) return 0;
        var (low, high) = (0, CombiningClasses.Length / 3 - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint < CombiningClasses[3 * middle]) high = middle - 1;
            else if (codePoint > CombiningClasses[3 * middle + 1]) low = middle + 1;
            else return CombiningClasses[3 * middle + 2];
        }
        return 0;
    }
}
