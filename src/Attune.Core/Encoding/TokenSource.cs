namespace Attune.Encoding;

/// <summary>
/// Token sequences of various lengths, as texts become them: one or more a row. Engines pad those of a pass to the longest of them. Thread-safe; the same sequence and view
/// give the same tokens at any time, so that a run can be resumed anywhere.
/// </summary>
/// <param name="rows">Number of rows R.</param>
/// <param name="perRow">Sequences of each row, one after the other: 1, or 2 and more for pairs and triplets.</param>
/// <param name="padding">How sequences are padded.</param>
public abstract class TokenSource(int rows, int perRow, TokenPadding padding)
{
    /// <summary>Number of rows R.</summary>
    public int Rows { get; } = rows;

    /// <summary>Sequences of each row.</summary>
    public int PerRow { get; } = perRow;

    /// <summary>How sequences are padded.</summary>
    public TokenPadding Padding { get; } = padding;

    /// <summary>False when every view equals the plain one.</summary>
    public virtual bool IsAugmented => false;

    /// <summary>True when only chosen tokens have an output: see <see cref="Selected"/>.</summary>
    public virtual bool SelectsTokens => false;

    /// <summary>Tokens of a sequence, special ones included.</summary>
    /// <param name="sequence">0 to R · PerRow − 1.</param>
    /// <param name="view"><see cref="StreamedInput.PlainView"/>, or the number of an augmented view ≥ 0.</param>
    public abstract int LengthOf(int sequence, int view);

    /// <summary>Writes the ids of a sequence's tokens.</summary>
    /// <param name="sequence">0 to R · PerRow − 1.</param>
    /// <param name="view">The view.</param>
    /// <param name="ids">LengthOf values.</param>
    public abstract void ReadIds(int sequence, int view, Span<long> ids);

    /// <summary>Writes the segment of each token: 0, and 1 for the second text of a pair.</summary>
    /// <param name="sequence">0 to R · PerRow − 1.</param>
    /// <param name="view">The view.</param>
    /// <param name="types">LengthOf values.</param>
    public abstract void ReadTypes(int sequence, int view, Span<long> types);

    /// <summary>Positions of the tokens that have an output, in order; empty where every sequence has one.</summary>
    /// <param name="sequence">0 to R · PerRow − 1.</param>
    /// <param name="view">The view; the number of positions is the same in every view.</param>
    public virtual ReadOnlySpan<int> Selected(int sequence, int view) => [];

    /// <summary>The length that the sequences of some rows are padded to: the longest, up to the next multiple.</summary>
    /// <param name="rows">Row indices.</param>
    /// <param name="view">The view.</param>
    public int PaddedLength(ReadOnlySpan<int> rows, int view)
    {
        var longest = 1;
        foreach (var row in rows)
        {
            for (var i = 0; i < PerRow; i++) longest = Math.Max(longest, LengthOf(row * PerRow + i, view));
        }
        return Padding.LengthFor(longest);
    }

    /// <summary>Tokens of the longest sequence of a row.</summary>
    /// <param name="row">0 to R − 1.</param>
    /// <param name="view">The view.</param>
    public int LongestOf(int row, int view)
    {
        var longest = 0;
        for (var i = 0; i < PerRow; i++) longest = Math.Max(longest, LengthOf(row * PerRow + i, view));
        return longest;
    }
}

/// <summary>How token sequences are made equally long.</summary>
/// <param name="Id">Id of the padding token.</param>
/// <param name="Most">The longest sequence that the network takes.</param>
/// <param name="MultipleOf">Padded lengths are multiples of this (but for <paramref name="Most"/>), so that few shapes occur. Default 8.</param>
/// <param name="Type">Segment of padding.</param>
public sealed record TokenPadding(int Id, int Most, int MultipleOf = 8, int Type = 0)
{
    /// <summary>The padded length of sequences whose longest has this many tokens.</summary>
    public int LengthFor(int longest) => Math.Max(longest, Math.Min(Most, (longest + MultipleOf - 1) / MultipleOf * MultipleOf));
}
