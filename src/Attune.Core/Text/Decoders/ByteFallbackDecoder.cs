using System.Globalization;
using System.Text;

namespace Attune.Text.Decoders;

/// <summary>Byte tokens (<c>&lt;0xE2&gt;</c>) in a row become the text of these bytes, or one U+FFFD each where they are no UTF-8.</summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public override List<string> Decode(List<string> tokens)
    {
        var (decoded, bytes) = (new List<string>(tokens.Count), new List<byte>());
        foreach (var token in tokens)
        {
            if (ToByte(token) is { } b)
            {
                bytes.Add(b);
                continue;
            }
            Flush(bytes, decoded);
            decoded.Add(token);
        }
        Flush(bytes, decoded);
        return decoded;
    }

    private static byte? ToByte(string token)
        => token is ['<', '0', 'x', _, _, '>'] && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b) ? b : null;

    private static void Flush(List<byte> bytes, List<string> decoded)
    {
        if (bytes.Count == 0) return;
        try { decoded.Add(Strict.GetString([.. bytes])); }
        catch (DecoderFallbackException) { decoded.AddRange(Enumerable.Repeat("\uFFFD", bytes.Count)); }
        bytes.Clear();
    }
}
