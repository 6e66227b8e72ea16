namespace Attune.Text.PreTokenizers;

/// <summary>Cuts a text into the pieces that the model sees one by one; some rewrite the pieces too.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Whether the last step writes bytes as letters.</summary>
    public virtual bool EndsInByteLetters => false;

    /// <summary>The same without that step.</summary>
    public virtual PreTokenizer WithoutByteLetters() => this;

    public abstract void Apply(TextPieces pieces);
}
