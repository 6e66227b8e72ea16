using Attune.Encoding;

namespace Attune.Training;

/// <summary>Some rows of a set as a set of their own, so that what is computed ahead of it is computed for them alone.</summary>
internal static class FewRows
{
    /// <summary>The rows with their targets, in the given order.</summary>
    public static EncodedSet Of(EncodedSet set, int[] rows)
    {
        int[] units = set.UnitStarts is null ? rows : [.. rows.SelectMany(row => Enumerable.Range(set.UnitsOf(row).Start, set.UnitsOf(row).Count))];
        var starts = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++) starts[i + 1] = starts[i] + set.UnitsOf(rows[i]).Count;
        var tokens = set.Inputs.OfType<TokenInput>().Select(i => i.Source).Distinct().ToDictionary(source => source, source => new PickedTokens(source, rows));
        return new(rows.Length, [.. set.Inputs.Select(i => i is TokenInput input ? new TokenInput(input.Name, input.Field, tokens[input.Source]) : Picked(i, rows))],
            set.Targets is { } targets ? Picked(targets, units, rows, set.UnitStarts is null ? null : starts) : null, set.UnitStarts is null ? null : starts);
    }

    private static EncodedInput Picked(EncodedInput input, int[] rows) => input switch
    {
        FloatInput floats => new FloatInput(floats.Name, floats.Width, Picked(floats.Values, floats.Width, rows)),
        IndexInput indices => new IndexInput(indices.Name, indices.Width, Picked(indices.Values, indices.Width, rows)),
        StreamedInput streamed => new PickedInput(streamed, rows),
        _ => throw new ArgumentException($"Input '{input.Name}' is a {input.GetType().Name}, of which rows cannot be taken.", nameof(input)),
    };

    private static Targets Picked(Targets targets, int[] units, int[] rows, int[]? starts)
    {
        var picked = Picked(targets, units);
        if (starts is not null) picked = picked.InRows(starts);
        return targets.Windows is { } windows ? picked.With(windows.Of(rows)) : picked;
    }

    private static Targets Picked(Targets targets, int[] rows)
    {
        var picked = targets.Labels is { } labels
            ? Targets.Classes(Picked(labels, 1, rows), targets.LabelInView is { } inView ? (unit, view) => inView(rows[unit], view) : null)
            : Targets.Real(Picked(targets.Values!, targets.Width, rows), targets.Width);
        return targets.Teacher is { } teacher ? picked.With(Picked(teacher, teacher.Length / targets.Rows, rows)) : picked;
    }

    private static T[] Picked<T>(T[] values, int width, int[] rows)
    {
        var picked = new T[rows.Length * width];
        for (var i = 0; i < rows.Length; i++) values.AsSpan(rows[i] * width, width).CopyTo(picked.AsSpan(i * width));
        return picked;
    }

    private sealed class PickedInput(StreamedInput source, int[] rows) : StreamedInput(source.Name, source.RowShape, rows.Length)
    {
        public override bool IsAugmented => source.IsAugmented;

        public override void Read(ReadOnlySpan<int> asked, int view, Span<float> destination) => source.Read(Mapped(asked), view, destination);

        public override void Expect(ReadOnlySpan<int> asked, int view) => source.Expect(Mapped(asked), view);

        private int[] Mapped(ReadOnlySpan<int> asked)
        {
            var mapped = new int[asked.Length];
            for (var i = 0; i < mapped.Length; i++) mapped[i] = rows[asked[i]];
            return mapped;
        }
    }

    private sealed class PickedTokens(TokenSource source, int[] rows) : TokenSource(rows.Length, source.PerRow, source.Padding)
    {
        public override bool IsAugmented => source.IsAugmented;

        public override bool SelectsTokens => source.SelectsTokens;

        public override int LengthOf(int sequence, int view) => source.LengthOf(Mapped(sequence), view);

        public override void ReadIds(int sequence, int view, Span<long> ids) => source.ReadIds(Mapped(sequence), view, ids);

        public override void ReadTypes(int sequence, int view, Span<long> types) => source.ReadTypes(Mapped(sequence), view, types);

        public override ReadOnlySpan<int> Selected(int sequence, int view) => source.Selected(Mapped(sequence), view);

        private int Mapped(int sequence) => rows[sequence / PerRow] * PerRow + sequence % PerRow;
    }
}
