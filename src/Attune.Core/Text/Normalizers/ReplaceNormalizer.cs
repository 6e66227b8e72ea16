namespace Attune.Text.Normalizers;

/// <summary>Puts a fixed text in the place of each match; it stands for the last character of the match.</summary>
internal sealed class ReplaceNormalizer(SplitPattern pattern, string content) : Normalizer
{
    public override void Apply(AlignedText text)
    {
        var matches = new List<(int Start, int End, bool IsMatch)>();
        pattern.Find(text.Span, matches);
        if (!matches.Exists(m => m.IsMatch)) return;
        text.Begin(text.Length);
        foreach (var (start, end, isMatch) in matches)
        {
            if (isMatch) text.Put(content, end - 1);
            else text.Keep(start, end);
        }
        text.Commit();
    }
}
