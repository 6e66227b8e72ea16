namespace Attune.Text.Normalizers;

/// <summary>One after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<Normalizer> normalizers) : Normalizer
{
    public override void Apply(AlignedText text)
    {
        foreach (var normalizer in normalizers) normalizer.Apply(text);
    }
}
