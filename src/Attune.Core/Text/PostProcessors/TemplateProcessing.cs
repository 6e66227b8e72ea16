namespace Attune.Text.PostProcessors;

/// <summary>A row laid out as a template says: one for a text, one for a pair.</summary>
internal sealed class TemplateProcessing(IReadOnlyList<RowLayout.Part> single, IReadOnlyList<RowLayout.Part> pair) : PostProcessing
{
    public override int AddedTokens(bool isPair) => (isPair ? pair : single).Sum(p => p.Special.Count);

    public override void Apply(RowLayout row)
        => row.Replace([.. (row.IsPair ? pair : single).Where(p => p.Sequence >= 0 || row.AddSpecialTokens)]);
}
