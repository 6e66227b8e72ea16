
namespace Attune.Text.Decoders;

/// <summary>Letters back to bytes over all tokens, then to text; bytes that are no UTF-8 become U+FFFD. A token with other letters stands for itself.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            var start = bytes.Count;
            foreach (var letter in token)
            {
                if (ByteLetters.ToByte(letter) is >= 0 and var b)
                {
                    bytes.Add((byte)b);
                    continue;
                }
                bytes.RemoveRange(start, bytes.Count - start);
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(token));
                break;
            }
        }
        return [System.Text.Encoding.UTF8.GetString([.. bytes])];
    }
}
