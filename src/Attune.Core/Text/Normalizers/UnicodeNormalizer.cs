using System.Text;

namespace Attune.Text.Normalizers;

/// <summary>Unicode normalisation forms C, D, KC and KD (UAX 15) with the alignment of the tokenizers library.</summary>
internal sealed class UnicodeNormalizer : Normalizer
{
    private readonly NormalizationForm _form;
    private readonly bool _compatible;
    private readonly bool _composes;

    public UnicodeNormalizer(NormalizationForm form)
    {
        if (!UnicodeNormalization.IsAvailable) throw new NotSupportedException("Unicode normalisation needs ICU, and this application runs without it. Set InvariantGlobalization to false, and install ICU where it is missing.");
        (_form, _compatible, _composes) = (form, form is NormalizationForm.FormKC or NormalizationForm.FormKD, form is NormalizationForm.FormC or NormalizationForm.FormKC);
    }

    public override void Apply(AlignedText text)
    {
        var units = text.Span;
        if (!units.ContainsAnyExceptInRange('\0', '\x7F') || !units.Contains('\uFFFE') && units.IsNormalized(_form)) return;
        var parts = Decompose(units);
        text.Transform(_composes ? Compose(parts) : [.. parts.Select(p => (p.CodePoint, p.Change))]);
    }

    private List<(int CodePoint, int Change, int Class)> Decompose(ReadOnlySpan<char> text)
    {
        var parts = new List<(int CodePoint, int Change, int Class)>(text.Length + 16);
        var pending = 0;
        for (int i = 0, codePoint; i < text.Length; i += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(text, i);
            var change = 0;
            foreach (var part in codePoint < 128 ? [codePoint] : (ReadOnlySpan<int>)UnicodeNormalization.Decompose(codePoint, _compatible))
            {
                var rank = UnicodeNormalization.CombiningClass(part);
                if (rank == 0)
                {
                    Sort(parts, pending);
                    pending = parts.Count + 1;
                }
                parts.Add((part, change, rank));
                change = 1;
            }
        }
        Sort(parts, pending);
        return parts;
    }

    // Marks between starters, by combining class; equal ones keep their order.
    private static void Sort(List<(int CodePoint, int Change, int Class)> parts, int from)
    {
        for (var i = from + 1; i < parts.Count; i++)
        {
            if (parts[i - 1].Class <= parts[i].Class) continue;
            var sorted = parts.Skip(from).OrderBy(p => p.Class).ToArray();
            parts.RemoveRange(from, parts.Count - from);
            parts.AddRange(sorted);
            return;
        }
    }

    private static List<(int CodePoint, int Change)> Compose(List<(int CodePoint, int Change, int Class)> parts)
    {
        var composed = new List<(int CodePoint, int Change)>(parts.Count);
        var marks = new List<(int CodePoint, int Change)>();
        (int CodePoint, int Change)? starter = null;
        var lastClass = -1;   // of the marks after the starter that stay; −1 for none
        foreach (var (codePoint, change, rank) in parts)
        {
            if (starter is not { } first)
            {
                if (rank != 0) composed.Add((codePoint, change));
                else starter = (codePoint, change);
                continue;
            }
            if (lastClass < rank && UnicodeNormalization.Compose(first.CodePoint, codePoint) is >= 0 and var both)
            {
                starter = (both, first.Change + change - 1);
                continue;
            }
            if (rank != 0)
            {
                marks.Add((codePoint, change));
                lastClass = rank;
                continue;
            }
            composed.Add(first);
            composed.AddRange(marks);
            marks.Clear();
            (starter, lastClass) = ((codePoint, change), -1);
        }
        if (starter is { } last) composed.Add(last);
        composed.AddRange(marks);
        return composed;
    }
}
