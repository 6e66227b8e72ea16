namespace Attune.Encoding;

/// <summary>Token sequences in memory.</summary>
public sealed class TokenSequences : TokenSource
{
    private readonly int[] _ids;
    private readonly byte[]? _types;
    private readonly long[] _starts;
    private readonly int[]? _selected;
    private readonly int[]? _selectedStarts;

    /// <summary>Sequences over the given arrays, which are not copied.</summary>
    /// <param name="perRow">Sequences of each row.</param>
    /// <param name="ids">All tokens, one sequence after the other.</param>
    /// <param name="types">Segment of each token; null for 0 everywhere.</param>
    /// <param name="starts">First token of each sequence [S + 1], the last being the number of tokens.</param>
    /// <param name="padding">How sequences are padded.</param>
    /// <param name="selected">Positions within their sequence of the tokens that have an output; null when the sequences themselves have one.</param>
    /// <param name="selectedStarts">First position of each sequence [S + 1]; null with <paramref name="selected"/>.</param>
    /// <exception cref="ArgumentException">The arrays contradict each other.</exception>
    public TokenSequences(int perRow, int[] ids, byte[]? types, long[] starts, TokenPadding padding, int[]? selected = null, int[]? selectedStarts = null)
        : base((starts.Length - 1) / Math.Max(1, perRow), perRow, padding)
    {
        if (perRow < 1 || (starts.Length - 1) % perRow != 0) throw new ArgumentException($"{starts.Length - 1} sequences are no rows of {perRow}.", nameof(perRow));
        if (starts[^1] != ids.Length || (types is not null && types.Length != ids.Length)) throw new ArgumentException($"{ids.Length} ids and {types?.Length ?? ids.Length} segments; the sequences hold {starts[^1]} tokens.", nameof(ids));
        if (selected is null != selectedStarts is null || (selectedStarts is not null && (selectedStarts.Length != starts.Length || selectedStarts[^1] != selected!.Length))) throw new ArgumentException("Chosen positions need a start for each sequence.", nameof(selected));
        (_ids, _types, _starts, _selected, _selectedStarts) = (ids, types, starts, selected, selectedStarts);
    }

    /// <summary>First chosen position of each sequence [S + 1]; null when the sequences themselves have an output.</summary>
    public int[]? SelectedStarts => _selectedStarts;

    /// <inheritdoc/>
    public override bool SelectsTokens => _selected is not null;

    /// <summary>Ids of a sequence.</summary>
    public ReadOnlySpan<int> Ids(int sequence) => _ids.AsSpan((int)_starts[sequence], LengthOf(sequence, StreamedInput.PlainView));

    /// <summary>Tokens of all sequences.</summary>
    public long Tokens => _ids.LongLength;

    /// <inheritdoc/>
    public override int LengthOf(int sequence, int view) => (int)(_starts[sequence + 1] - _starts[sequence]);

    /// <inheritdoc/>
    public override void ReadIds(int sequence, int view, Span<long> ids)
    {
        var from = Ids(sequence);
        for (var i = 0; i < from.Length; i++) ids[i] = from[i];
    }

    /// <inheritdoc/>
    public override void ReadTypes(int sequence, int view, Span<long> types)
    {
        var length = LengthOf(sequence, view);
        if (_types is null)
        {
            types[..length].Clear();
            return;
        }
        var start = (int)_starts[sequence];
        for (var i = 0; i < length; i++) types[i] = _types[start + i];
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Selected(int sequence, int view) => _selected is null ? [] : _selected.AsSpan(_selectedStarts![sequence].._selectedStarts[sequence + 1]);
}
