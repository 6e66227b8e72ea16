namespace Attune.Text.PostProcessors;

/// <summary>Takes spaces out of the offsets of byte-level tokens; puts nothing in.</summary>
internal sealed class ByteLevelProcessing(bool trimOffsets, bool addPrefixSpace) : PostProcessing
{
    public override int AddedTokens(bool isPair) => 0;

    public override void Apply(RowLayout row)
    {
        if (trimOffsets) row.Trims.Add(addPrefixSpace);
    }
}
