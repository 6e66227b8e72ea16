namespace Attune.Text.Normalizers;

/// <summary>Rewrites a text before it is cut into pieces, keeping track of where each unit came from.</summary>
internal abstract class Normalizer
{
    public abstract void Apply(AlignedText text);
}
