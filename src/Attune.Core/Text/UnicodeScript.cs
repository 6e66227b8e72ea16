using System.Globalization;
using System.Text;

namespace Attune.Text;

/// <summary>The script of a code point (UAX 24), as a number.</summary>
internal static partial class UnicodeScript
{
    public const int Unknown = 0, Common = 1, Inherited = 2, Han = 3, Hiragana = 4, Katakana = 5;

    private const int Newer = 1000;

    /// <summary>The number of a script by its name without regard to case, blanks and underscores; −1 where there is none.</summary>
    public static int ByName(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return Array.FindIndex(Names, n => n.Equals(plain, StringComparison.OrdinalIgnoreCase));
    }

    public static int Of(int codePoint) => Entry(codePoint) % Newer;

    /// <summary>The script as of Unicode 9; a code point that is newer has none.</summary>
    public static int OfUnicode9(int codePoint) => Entry(codePoint) is < Newer and var script ? script : Unknown;

    /// <summary>A script's code points of the BMP as the inside of a character class.</summary>
    public static string ClassOf(int script)
    {
        var inside = new StringBuilder();
        for (var i = 0; i < Ranges.Length; i += 3)
        {
            if (Ranges[i + 2] % Newer != script || Ranges[i] > 0xFFFF) continue;
            inside.Append(CultureInfo.InvariantCulture, $"\\u{Ranges[i]:X4}-\\u{Math.Min(Ranges[i + 1], 0xFFFF):X4}");
        }
        return inside.ToString();
    }

    private static int Entry(int codePoint)
    {
        var (low, high) = (0, Ranges.Length / 3 - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint < Ranges[3 * middle]) high = middle - 1;
            else if (codePoint > Ranges[3 * middle + 1]) low = middle + 1;
            else return Ranges[3 * middle + 2];
        }
        return Unknown;
    }
}
