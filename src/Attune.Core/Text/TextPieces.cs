namespace Attune.Text;

/// <summary>The pieces that a text is cut into before the model sees it: ranges of one aligned text, each free or already a token of the added vocabulary.</summary>
internal sealed class TextPieces
{
    private Piece[] _pieces = new Piece[64];
    private Piece[] _newPieces = new Piece[64];
    private int _newCount;

    /// <summary>A piece: a range of <see cref="Text"/>, and the id of its added token or −1.</summary>
    internal record struct Piece(int Start, int End, int Id)
    {
        public readonly bool IsFree => Id < 0;
    }

    public AlignedText Text { get; } = new();

    public int Count { get; private set; }

    public ReadOnlySpan<Piece> All => _pieces.AsSpan(0, Count);

    /// <summary>Matches found by a splitting pre-tokenizer, used between its two steps.</summary>
    public List<(int Start, int End, bool IsMatch)> Matches { get; } = [];

    /// <summary>Starts a new list of pieces.</summary>
    public void Begin() => _newCount = 0;

    /// <summary>Adds a piece; an empty one vanishes.</summary>
    public void Add(int start, int end, int id = -1)
    {
        if (start >= end) return;
        if (_newCount == _newPieces.Length) Array.Resize(ref _newPieces, 2 * _newCount);
        _newPieces[_newCount++] = new(start, end, id);
    }

    /// <summary>The new list replaces the old one.</summary>
    public void Commit()
    {
        (_pieces, _newPieces) = (_newPieces, _pieces);
        Count = _newCount;
    }

    /// <summary>Cuts each free piece by the matches that <paramref name="pattern"/> finds in it.</summary>
    public void Split(SplitPattern pattern, SplitBehavior behavior, bool invert = false)
    {
        Begin();
        foreach (var piece in All)
        {
            if (!piece.IsFree)
            {
                Add(piece.Start, piece.End, piece.Id);
                continue;
            }
            Matches.Clear();
            pattern.Find(Text.Span[piece.Start..piece.End], Matches);
            AddParts(piece.Start, behavior, invert);
        }
        Commit();
    }

    /// <summary>Writes each free piece anew; the pieces stay the same.</summary>
    public void Rewrite(Action<AlignedText, Piece> write)
    {
        Begin();
        Text.Begin(Text.Length + Text.Length / 4);
        foreach (var piece in All)
        {
            var start = Text.Written;
            if (piece.IsFree) write(Text, piece);
            else Text.Keep(piece.Start, piece.End);
            Add(start, Text.Written, piece.Id);
        }
        Text.Commit();
        Commit();
    }

    /// <summary>Puts a unit before each free piece that does not begin with it, where <paramref name="applies"/>.</summary>
    public void PrependUnlessThere(char unit, Func<AlignedText, Piece, bool> applies)
    {
        var needed = false;
        foreach (var piece in All) needed |= piece.IsFree && Text.Span[piece.Start] != unit && applies(Text, piece);
        if (!needed) return;
        Rewrite((text, piece) =>
        {
            if (text.Span[piece.Start] != unit && applies(text, piece)) text.Put(unit, piece.Start);
            text.Keep(piece.Start, piece.End);
        });
    }

    /// <summary>Puts one unit in the place of another in each free piece.</summary>
    public void Replace(char unit, char replacement)
    {
        var text = Text.Units;
        foreach (var piece in All)
        {
            if (piece.IsFree) text[piece.Start..piece.End].Replace(unit, replacement);
        }
    }

    private void AddParts(int origin, SplitBehavior behavior, bool invert)
    {
        var (start, end, previous) = (-1, -1, false);
        if (behavior == SplitBehavior.MergedWithNext)
        {
            // From the right: a match takes in what follows it, unless that is a match itself.
            var first = _newCount;
            for (var i = Matches.Count - 1; i >= 0; i--)
            {
                var (s, e, isMatch) = Matches[i];
                isMatch ^= invert;
                if (isMatch && !previous && start >= 0) start = s;
                else
                {
                    if (start >= 0) Add(origin + start, origin + end);
                    (start, end) = (s, e);
                }
                previous = isMatch;
            }
            if (start >= 0) Add(origin + start, origin + end);
            _newPieces.AsSpan(first, _newCount - first).Reverse();
            return;
        }
        foreach (var (s, e, matched) in Matches)
        {
            var isMatch = matched ^ invert;
            if (behavior == SplitBehavior.Removed)
            {
                if (!isMatch) Add(origin + s, origin + e);
                continue;
            }
            var joins = behavior switch
            {
                SplitBehavior.MergedWithPrevious => isMatch && !previous,
                SplitBehavior.Contiguous => isMatch == previous,
                _ => false,
            };
            if (joins && start >= 0) end = e;
            else
            {
                if (start >= 0) Add(origin + start, origin + end);
                (start, end) = (s, e);
            }
            previous = isMatch;
        }
        if (start >= 0) Add(origin + start, origin + end);
    }
}
