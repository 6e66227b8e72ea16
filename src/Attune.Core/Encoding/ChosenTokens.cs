namespace Attune.Encoding;

/// <summary>Sequences of another source in a new order, some of them more than once, as the texts of pairs are drawn from rows.</summary>
/// <param name="source">The sequences; one has an output each.</param>
/// <param name="sequences">Number of the source's sequence for each one here [R · PerRow].</param>
/// <param name="perRow">Sequences of each row.</param>
public sealed class ChosenTokens(TokenSource source, int[] sequences, int perRow) : TokenSource(sequences.Length / perRow, perRow, source.Padding)
{
    /// <inheritdoc/>
    public override bool IsAugmented => source.IsAugmented;

    /// <inheritdoc/>
    public override int LengthOf(int sequence, int view) => source.LengthOf(sequences[sequence], view);

    /// <inheritdoc/>
    public override void ReadIds(int sequence, int view, Span<long> ids) => source.ReadIds(sequences[sequence], view, ids);

    /// <inheritdoc/>
    public override void ReadTypes(int sequence, int view, Span<long> types) => source.ReadTypes(sequences[sequence], view, types);
}
