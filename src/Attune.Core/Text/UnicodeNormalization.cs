using System.Collections.Concurrent;
using System.Text;

namespace Attune.Text;

/// <summary>Decomposition, composition and order of single code points, asked of the runtime's Unicode data once each.</summary>
internal static partial class UnicodeNormalization
{
    private static readonly ConcurrentDictionary<int, int[]>[] Decompositions = [new(), new()];
    private static readonly ConcurrentDictionary<(int, int), int> Compositions = new();

    /// <summary>Whether the runtime can normalise; without ICU (InvariantGlobalization) it returns every text as it is.</summary>
    public static bool IsAvailable { get; } = "\u00E9".Normalize(NormalizationForm.FormD).Length == 2;

    /// <summary>The full canonical or compatible decomposition.</summary>
    public static int[] Decompose(int codePoint, bool compatible)
        => Decompositions[compatible ? 1 : 0].GetOrAdd(codePoint, static (c, form) =>
            Rune.IsValid(c) ? [.. new Rune(c).ToString().Normalize(form).EnumerateRunes().Select(r => r.Value)] : [c],
            compatible ? NormalizationForm.FormKD : NormalizationForm.FormD);

    /// <summary>The code point that canonically equals the pair, or −1.</summary>
    public static int Compose(int first, int second) => Compositions.GetOrAdd((first, second), static pair =>
    {
        var composed = (new Rune(pair.Item1).ToString() + new Rune(pair.Item2)).Normalize(NormalizationForm.FormC);
        return Rune.TryGetRuneAt(composed, 0, out var rune) && rune.Utf16SequenceLength == composed.Length ? rune.Value : -1;
    });

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
