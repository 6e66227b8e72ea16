namespace Attune.Text;

/// <summary>Buffers of one thread, used again for each text.</summary>
internal sealed class TokenizerWorkspace
{
    private const long LargestKept = 4 << 20;

    [ThreadStatic]
    private static TokenizerWorkspace? _current;

    public TextPieces Pieces { get; private set; } = new();

    public AlignedText Segment { get; private set; } = new();

    public TokenList First { get; } = new();

    public TokenList Second { get; } = new();

    public List<(int Start, int End, AddedToken? Token)> Ranges { get; } = [];

    public List<(int Start, int End, AddedToken? Token)> InnerRanges { get; } = [];

    /// <summary>The calling thread's workspace; it comes back with <see cref="Return"/>.</summary>
    public static TokenizerWorkspace Take()
    {
        var workspace = _current ?? new();
        _current = null;
        return workspace;
    }

    public void Return()
    {
        if (Pieces.Text.Capacity > LargestKept) Pieces = new();
        if (Segment.Capacity > LargestKept) Segment = new();
        First.Clear();
        Second.Clear();
        _current = this;
    }
}
