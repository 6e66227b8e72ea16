namespace Attune.Encoding;

/// <summary>Orders text by Unicode code point: the order of UTF-8 bytes, the same on every machine and in every culture.</summary>
internal sealed class CodePointOrder : IComparer<string>
{
    public static CodePointOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        var length = Math.Min(x.Length, y.Length);
        for (var i = 0; i < length; i++)
        {
            if (x[i] != y[i]) return Rank(x[i]) - Rank(y[i]);
        }
        return x.Length - y.Length;
    }

    // Code units order surrogates (code points above U+FFFF) before U+E000 to U+FFFF; this swaps the two ranges.
    private static int Rank(char unit) => unit < 0xD800 ? unit : unit >= 0xE000 ? unit - 0x800 : unit + 0x2000;
}
