namespace Attune.Text.PostProcessors;

/// <summary>Puts the tokens around the texts that a model expects, and gives type ids.</summary>
internal abstract class PostProcessor
{
    /// <summary>Number of tokens that are put in.</summary>
    public abstract int AddedTokens(bool isPair);

    public abstract void Apply(RowLayout row);
}
