namespace Attune.Text.PostProcessors;

/// <summary>[CLS] A [SEP] and [CLS] A [SEP] B [SEP], the second text with type 1.</summary>
internal sealed class BertProcessing((string Token, int Id) separator, (string Token, int Id) classifier) : PostProcessing
{
    public override int AddedTokens(bool isPair) => isPair ? 3 : 2;

    public override void Apply(RowLayout row)
    {
        if (!row.AddSpecialTokens) return;
        var parts = new List<RowLayout.Part>();
        foreach (var (i, part) in row.Parts.Index())
        {
            if (i == 0) parts.Add(RowLayout.Tokens(0, classifier));
            parts.Add(part);
            parts.Add(RowLayout.Tokens(i == 0 ? 0 : 1, separator));
        }
        row.Replace(parts);
    }
}
