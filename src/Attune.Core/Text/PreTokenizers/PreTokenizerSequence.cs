namespace Attune.Text.PreTokenizers;

/// <summary>One after the other.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> members) : PreTokenizer
{
    public override bool EndsInByteLetters => members.Count > 0 && members[^1].EndsInByteLetters && !members.SkipLast(1).Any(m => m.EndsInByteLetters);

    public override PreTokenizer WithoutByteLetters() => new PreTokenizerSequence([.. members.SkipLast(1), members[^1].WithoutByteLetters()]);

    public override void Apply(TextPieces pieces)
    {
        foreach (var member in members) member.Apply(pieces);
    }
}
