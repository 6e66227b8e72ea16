using Attune.Text.TokenModels;

namespace Attune.Text;

/// <summary>The merges that SentencePiece's BPE implies: every way to make a piece of two others, better pieces first.</summary>
internal static class SentencePieceMerges
{
    public static BpeMerges Of(IReadOnlyList<(string Text, double Score, SentencePieceModel.PieceKind Kind)> pieces, Vocabulary vocabulary)
    {
        var merges = new List<(int Left, int Right, int Merged, double Score, int LeftLength, int RightLength, int Order)>();
        foreach (var (text, score, _) in pieces)
        {
            var found = new List<(int Left, int Right, int At)>();
            for (var i = AlignedText.UnitsAt(text.Length > 0 ? text : " ", 0); i < text.Length; i += AlignedText.UnitsAt(text, i))
            {
                if (vocabulary.TryGetId(text.AsSpan(0, i), out var left) && vocabulary.TryGetId(text.AsSpan(i), out var right)) found.Add((left, right, i));
            }
            foreach (var (left, right, at) in found.OrderBy(f => f.Left).ThenBy(f => f.Right))
                merges.Add((left, right, vocabulary.TokenToId(text)!.Value, score, CodePoints(text.AsSpan(0, at)), CodePoints(text.AsSpan(at)), merges.Count));
        }
        return new([.. merges.OrderByDescending(m => m.Score).ThenByDescending(m => m.LeftLength).ThenByDescending(m => m.RightLength).ThenBy(m => m.Order).Select(m => (m.Left, m.Right, m.Merged))]);
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes()) count++;
        return count;
    }
}
