namespace Attune.Text.PostProcessors;

/// <summary>Puts the tokens around the texts that a model expects, and gives type ids.</summary>
internal abstract class PostProcessing
{
    /// <summary>Number of tokens that are put in.</summary>
    public abstract int AddedTokens(bool isPair);

    /// <summary>Lays out a row: puts the tokens in and sets the type ids.</summary>
    public abstract void Apply(RowLayout row);
}
