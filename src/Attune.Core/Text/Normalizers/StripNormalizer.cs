namespace Attune.Text.Normalizers;

/// <summary>Takes white space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override void Apply(AlignedText text)
    {
        var units = text.Span;
        var (start, end) = (0, units.Length);
        while (left && start < end && char.IsWhiteSpace(units[start])) start++;
        while (right && end > start && char.IsWhiteSpace(units[end - 1])) end--;
        if (start == 0 && end == units.Length) return;
        text.Begin(end - start);
        text.Keep(start, end);
        text.Commit();
    }
}
