namespace Attune.Text.Decoders;

/// <summary>Turns tokens into the parts of a text; joined, they are the text.</summary>
internal abstract class TokenDecoder
{
    public abstract List<string> Decode(List<string> tokens);
}
