using System.Globalization;
using System.Runtime.CompilerServices;
using static System.Globalization.UnicodeCategory;

namespace Attune.Text;

/// <summary>
/// Classes of characters as the components of tokenizer.json use them, by code point. Punctuation, marks and control characters are those that the tokenizers library's tables
/// know: Unicode 8 for BERT and punctuation, Unicode 9 for accents.
/// </summary>
internal static partial class Characters
{
    // Other_Alphabetic symbols: circled and squared letters, which \w of Unicode regular expressions includes.
    private static readonly (int First, int Last)[] AlphabeticSymbols = [(0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CodePointAt(ReadOnlySpan<char> text, int i)
    {
        var c = text[i];
        return char.IsHighSurrogate(c) && i + 1 < text.Length ? char.ConvertToUtf32(c, text[i + 1]) : c;
    }

    public static bool IsWhitespace(int c) => c < 0x10000 && char.IsWhiteSpace((char)c);

    /// <summary>ASCII punctuation and symbols, and Unicode's P.</summary>
    public static bool IsPunctuation(int c)
    {
        if (c < 128) return c is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126);
        return CharUnicodeInfo.GetUnicodeCategory(c) is ConnectorPunctuation or DashPunctuation or OpenPunctuation or ClosePunctuation or InitialQuotePunctuation or FinalQuotePunctuation or OtherPunctuation
            ? !IsNewerThan(8, c) : c is 0x166D or 0x111C9;   // these two are no punctuation by now
    }

    /// <summary>Unicode's N.</summary>
    public static bool IsNumeric(int c) => c < 128 ? c is >= '0' and <= '9' : CharUnicodeInfo.GetUnicodeCategory(c) is DecimalDigitNumber or LetterNumber or OtherNumber;

    /// <summary>Unicode's L.</summary>
    public static bool IsLetter(int c)
        => c < 128 ? (uint)((c | 32) - 'a') < 26 : CharUnicodeInfo.GetUnicodeCategory(c) is UppercaseLetter or LowercaseLetter or TitlecaseLetter or ModifierLetter or OtherLetter;

    /// <summary>Unicode 9's M; two signs of it are letters by now.</summary>
    public static bool IsMark(int c)
        => c >= 0x300 && ((CharUnicodeInfo.GetUnicodeCategory(c) is NonSpacingMark or SpacingCombiningMark or EnclosingMark && !IsNewerThan(9, c)) || c is 0x1CF2 or 0x1CF3);

    /// <summary>The marks that BERT takes out: Unicode 8's Mn, where four signs had another category.</summary>
    public static bool IsBertAccent(int c)
        => c >= 0x300 && ((CharUnicodeInfo.GetUnicodeCategory(c) == NonSpacingMark && c is not (0x1885 or 0x1886 or 0xA9BD) && !IsNewerThan(8, c)) || c == 0x1734);

    /// <summary>\w of Unicode regular expressions (UTS 18): alphabetic, marks, decimal digits, connectors, joiners.</summary>
    public static bool IsWord(int c)
    {
        if (c < 128) return (uint)((c | 32) - 'a') < 26 || c is (>= '0' and <= '9') or '_';
        if (c is 0x200C or 0x200D) return true;
        if (CharUnicodeInfo.GetUnicodeCategory(c) is UppercaseLetter or LowercaseLetter or TitlecaseLetter or ModifierLetter or OtherLetter or LetterNumber
            or NonSpacingMark or SpacingCombiningMark or EnclosingMark or DecimalDigitNumber or ConnectorPunctuation) return true;
        foreach (var (first, last) in AlphabeticSymbols)
        {
            if (c >= first && c <= last) return true;
        }
        return false;
    }

    /// <summary>BERT's control characters: Unicode's C except tab and line ends.</summary>
    public static bool IsBertControl(int c)
    {
        if (c < 128) return (c < 32 || c == 127) && c is not ('\t' or '\n' or '\r');
        return CharUnicodeInfo.GetUnicodeCategory(c) is Control or Format or PrivateUse or Surrogate && !IsNewerThan(8, c);
    }

    /// <summary>The blocks that BERT puts spaces around.</summary>
    public static bool IsBertChinese(int c)
        => c >= 0x3400 && (c is (>= 0x4E00 and <= 0x9FFF) or <= 0x4DBF or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F));

    /// <summary>The lower-case form of one code point; two units or more where there is no single one (İ).</summary>
    public static int ToLower(int c, Span<char> lower)
    {
        if (c < 128)
        {
            lower[0] = (char)((uint)(c - 'A') < 26 ? c | 32 : c);
            return 1;
        }
        if (c == 0x130)
        {
            (lower[0], lower[1]) = ('i', '\u0307');
            return 2;
        }
        return System.Text.Rune.ToLowerInvariant(new System.Text.Rune(c)).EncodeToUtf16(lower);
    }

    /// <summary>The text with each lone surrogate replaced by U+FFFD, so that every unit keeps its place.</summary>
    public static string WithoutLoneSurrogates(string text)
    {
        var first = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0) return text;
        char[]? fixedText = null;
        for (var i = first; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else (fixedText ??= text.ToCharArray())[i] = '\uFFFD';
        }
        return fixedText is null ? text : new string(fixedText);
    }

    private static bool IsNewerThan(int version, int c)
    {
        var (low, high) = (0, NewerRanges.Length / 3 - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (c < NewerRanges[3 * middle]) high = middle - 1;
            else if (c > NewerRanges[3 * middle + 1]) low = middle + 1;
            else return NewerRanges[3 * middle + 2] > version;
        }
        return false;
    }
}
