using System.Text;

namespace Attune.Text;

/// <summary>GPT-2's alphabet of 256 letters for bytes: printable Latin-1 characters stand for themselves, the others for letters from U+0100 on; a space is Ġ.</summary>
internal static class ByteLetters
{
    private static readonly char[] Letters = MakeLetters();
    private static readonly short[] Bytes = MakeBytes();

    /// <summary>The letter of each byte, by byte.</summary>
    public static ReadOnlySpan<char> All => Letters;

    /// <summary>The byte of a letter, or −1.</summary>
    public static int ToByte(char letter) => letter < Bytes.Length ? Bytes[letter] : -1;

    /// <summary>Writes the letters of units <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static void Put(AlignedText text, int from, int to)
    {
        var units = text.Span;
        Span<byte> bytes = stackalloc byte[4];
        for (int i = from, codePoint; i < to; i += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(units, i);
            if (codePoint < 128) text.Put(Letters[codePoint], i);
            else
            {
                foreach (var b in bytes[..new Rune(codePoint).EncodeToUtf8(bytes)]) text.Put(Letters[b], i);
            }
        }
    }

    private static bool StandsForItself(int b) => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;

    private static char[] MakeLetters()
    {
        var (letters, next) = (new char[256], 256);
        for (var b = 0; b < 256; b++) letters[b] = (char)(StandsForItself(b) ? b : next++);
        return letters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[Letters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var b = 0; b < 256; b++) bytes[Letters[b]] = (short)b;
        return bytes;
    }
}
