namespace Attune.Text.PostProcessors;

/// <summary>&lt;s&gt; A &lt;/s&gt; and &lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;, all of type 0; spaces taken out of offsets where asked for.</summary>
internal sealed class RobertaProcessing((string Token, int Id) separator, (string Token, int Id) classifier, bool trimOffsets, bool addPrefixSpace) : PostProcessing
{
    public override int AddedTokens(bool isPair) => isPair ? 4 : 2;

    public override void Apply(RowLayout row)
    {
        if (trimOffsets) row.Trims.Add(addPrefixSpace);
        var parts = new List<RowLayout.Part>();
        foreach (var (i, part) in row.Parts.Index())
        {
            if (row.AddSpecialTokens) parts.Add(RowLayout.Tokens(0, i == 0 ? classifier : separator));
            parts.Add(part with { TypeId = 0 });
            if (row.AddSpecialTokens) parts.Add(RowLayout.Tokens(0, separator));
        }
        row.Replace(parts);
    }
}
