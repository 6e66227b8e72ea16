namespace Attune.Text.PreTokenizers;

/// <summary>Cuts a text into the pieces that the model sees one by one; some rewrite the pieces too.</summary>
internal abstract class PreTokenizer
{
    public abstract void Apply(TextPieces pieces);
}
