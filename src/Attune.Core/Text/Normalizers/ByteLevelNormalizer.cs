namespace Attune.Text.Normalizers;

/// <summary>Writes each UTF-8 byte as one letter (<see cref="ByteLetters"/>).</summary>
internal sealed class ByteLevelNormalizer : Normalizer
{
    public override void Apply(AlignedText text)
    {
        if (text.Length == 0) return;
        text.Begin(text.Length + text.Length / 2);
        ByteLetters.Put(text, 0, text.Length);
        text.Commit();
    }
}
