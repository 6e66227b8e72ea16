namespace Attune.Text.Normalizers;

/// <summary>Puts a text before one that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override void Apply(AlignedText text)
    {
        if (text.Length == 0) return;
        text.Begin(text.Length + prefix.Length);
        text.Put(prefix, 0);
        text.Keep(0, text.Length);
        text.Commit();
    }
}
