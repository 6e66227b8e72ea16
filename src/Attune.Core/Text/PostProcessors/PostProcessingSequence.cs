namespace Attune.Text.PostProcessors;

/// <summary>One after the other.</summary>
internal sealed class PostProcessingSequence(IReadOnlyList<PostProcessing> members) : PostProcessing
{
    public override int AddedTokens(bool isPair) => members.Sum(m => m.AddedTokens(isPair));

    public override void Apply(RowLayout row)
    {
        foreach (var member in members) member.Apply(row);
    }
}
