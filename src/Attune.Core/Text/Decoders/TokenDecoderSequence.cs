namespace Attune.Text.Decoders;

/// <summary>One after the other.</summary>
internal sealed class TokenDecoderSequence(IReadOnlyList<TokenDecoder> members) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) => members.Aggregate(tokens, (t, member) => member.Decode(t));
}
