using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Attune.Data;

/// <summary>What a cell is when it is read as a number.</summary>
internal enum NumberForm
{
    /// <summary>A finite decimal number.</summary>
    Number,

    /// <summary>An integer written with leading zeros, such as 0042: a code rather than a quantity.</summary>
    Code,

    /// <summary>A word for infinity or not-a-number, or a number too large for a double.</summary>
    NotFinite,

    /// <summary>Anything else.</summary>
    Word,
}

/// <summary>
/// Reads decimal numbers from UTF-8: sign, digits, one point, exponent; blanks around are allowed. No thousands separators, hexadecimal
/// or underscores, whatever the culture.
/// </summary>
internal static class NumberText
{
    private static readonly double[] Powers = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    /// <summary>Parses a non-empty cell; <paramref name="value"/> is correctly rounded for <see cref="NumberForm.Number"/> and <see cref="NumberForm.Code"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static NumberForm Parse(ReadOnlySpan<byte> text, out double value)
    {
        text = Trim(text);
        value = double.NaN;
        if (text.IsEmpty) return NumberForm.Word;
        var i = 0;
        var negative = text[0] == '-';
        if (negative || text[0] == '+') i++;
        ulong mantissa = 0;
        int digits = 0, firstDigit = i;
        for (; i < text.Length && (uint)(text[i] - '0') <= 9; i++, digits++) mantissa = unchecked(mantissa * 10 + (uint)(text[i] - '0'));
        var code = digits > 1 && text[firstDigit] == '0' && i == text.Length;
        var scale = 0;
        if (i < text.Length && text[i] == '.')
        {
            for (i++; i < text.Length && (uint)(text[i] - '0') <= 9; i++, digits++, scale++) mantissa = unchecked(mantissa * 10 + (uint)(text[i] - '0'));
        }
        if (digits == 0) return IsNotFiniteWord(text) ? NumberForm.NotFinite : NumberForm.Word;
        if (i == text.Length && digits <= 19 && mantissa <= 1UL << 53 && scale <= 22)
        {
            var exact = scale == 0 ? mantissa : mantissa / Powers[scale];   // Clinger 1990: both operands exact, one rounding
            value = negative ? -exact : exact;
            return code ? NumberForm.Code : NumberForm.Number;
        }
        if (!HasExponent(text[i..])) return NumberForm.Word;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return NumberForm.Word;
        if (double.IsFinite(value)) return code ? NumberForm.Code : NumberForm.Number;
        value = double.NaN;
        return NumberForm.NotFinite;
    }

    /// <summary>The text without blanks and tabs at both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        int start = 0, end = text.Length;
        while (start < end && text[start] is (byte)' ' or (byte)'\t') start++;
        while (end > start && text[end - 1] is (byte)' ' or (byte)'\t') end--;
        return text[start..end];
    }

    private static bool HasExponent(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty) return true;
        if (rest[0] is not ((byte)'e' or (byte)'E')) return false;
        var i = rest.Length > 1 && rest[1] is (byte)'+' or (byte)'-' ? 2 : 1;
        return i < rest.Length && rest[i..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    private static bool IsNotFiniteWord(ReadOnlySpan<byte> text)
    {
        if (text[0] is (byte)'+' or (byte)'-') text = text[1..];
        return Ascii.EqualsIgnoreCase(text, "nan"u8) || Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "infinity"u8) || text.SequenceEqual("∞"u8);
    }
}
