using System.Runtime.CompilerServices;

namespace Attune.Text;

/// <summary>
/// A text under transformation in UTF-16, each unit with the range of the original text that it stands for. While nothing has changed, no ranges are stored:
/// unit i stands for unit <see cref="Origin"/> + i. A transformation is a pass from <see cref="Begin"/> to <see cref="Commit"/>.
/// </summary>
internal sealed class AlignedText
{
    // A file with a chain of replacements could make any text grow without bound.
    private const int LongestText = 1 << 26;

    private char[] _text = new char[256];
    private int[] _starts = [];
    private int[] _ends = [];
    private bool _aligned;
    private char[] _newText = [];
    private int[] _newStarts = [];
    private int[] _newEnds = [];
    private int _newLength;

    /// <summary>Units of the text as it is now.</summary>
    public int Length { get; private set; }

    /// <summary>Where the text begins in the original.</summary>
    public int Origin { get; private set; }

    /// <summary>Units written since <see cref="Begin"/>.</summary>
    public int Written => _newLength;

    public ReadOnlySpan<char> Span => _text.AsSpan(0, Length);

    /// <summary>The units, to put others in their places one for one.</summary>
    public Span<char> Units => _text.AsSpan(0, Length);

    /// <summary>Whether each unit still stands for itself.</summary>
    public bool IsUnchanged => !_aligned && Origin == 0;

    /// <summary>Bytes held by the buffers, so that a rare huge text does not stay in memory.</summary>
    public long Capacity => (_text.Length + _newText.Length) * 2L + (_starts.Length + _ends.Length + _newStarts.Length + _newEnds.Length) * 4L;

    public void Reset(ReadOnlySpan<char> text, int origin)
    {
        if (_text.Length < text.Length) _text = new char[Room(text.Length)];
        text.CopyTo(_text);
        (Length, Origin, _aligned) = (text.Length, origin, false);
    }

    /// <summary>First unit of the original that unit <paramref name="i"/> stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int StartOf(int i) => _aligned ? _starts[i] : Origin + i;

    /// <summary>End (exclusive) in the original of what unit <paramref name="i"/> stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int EndOf(int i) => _aligned ? _ends[i] : Origin + i + 1;

    /// <summary>Starts a pass; <paramref name="room"/> units are expected.</summary>
    public void Begin(int room)
    {
        Align();
        _newLength = 0;
        Reserve(room);
    }

    /// <summary>Takes unit <paramref name="i"/> over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(int i) => Put(_text[i], i);

    /// <summary>Takes a range of units over.</summary>
    public void Keep(int from, int to)
    {
        var count = to - from;
        Reserve(count);
        _text.AsSpan(from, count).CopyTo(_newText.AsSpan(_newLength));
        _starts.AsSpan(from, count).CopyTo(_newStarts.AsSpan(_newLength));
        _ends.AsSpan(from, count).CopyTo(_newEnds.AsSpan(_newLength));
        _newLength += count;
    }

    /// <summary>Writes a unit that stands for what unit <paramref name="like"/> stands for; with −1 for the empty range at the beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(char c, int like)
    {
        if (_newLength >= _newStarts.Length || _newLength >= _newText.Length) Reserve(1);
        _newText[_newLength] = c;
        (_newStarts[_newLength], _newEnds[_newLength]) = like < 0 ? (Origin, Origin) : (_starts[like], _ends[like]);
        _newLength++;
    }

    public void Put(ReadOnlySpan<char> text, int like)
    {
        foreach (var c in text) Put(c, like);
    }

    /// <summary>Writes a code point.</summary>
    public void PutCodePoint(int codePoint, int like)
    {
        if (codePoint < 0x10000)
        {
            Put((char)codePoint, like);
            return;
        }
        Put((char)(0xD7C0 + (codePoint >> 10)), like);
        Put((char)(0xDC00 + (codePoint & 0x3FF)), like);
    }

    /// <summary>
    /// A pass in the tokenizers library's terms: each code point with 0 where it takes the place of one, 1 where it is new (it stands for what the one before stood for),
    /// −n where it takes the place of one and n more vanish after that.
    /// </summary>
    public void Transform(List<(int CodePoint, int Change)> changes)
    {
        Begin(Length);
        var at = 0;
        foreach (var (codePoint, change) in changes)
        {
            var like = change > 0 ? at - 1 : Math.Min(at, Length - 1);
            for (var skip = change > 0 ? 0 : 1 - change; skip > 0 && at < Length; skip--) at += UnitsAt(Span, at);
            PutCodePoint(codePoint, like);
        }
        Commit();
    }

    /// <summary>Ends a pass: what was written is the text now.</summary>
    public void Commit()
    {
        (_text, _newText) = (_newText, _text);
        (_starts, _newStarts) = (_newStarts, _starts);
        (_ends, _newEnds) = (_newEnds, _ends);
        Length = _newLength;
    }

    /// <summary>Writes a range of another text over the same original into the pass under way.</summary>
    public void Append(AlignedText other, int from, int to)
    {
        var count = to - from;
        Reserve(count);
        other.Align();
        other._text.AsSpan(from, count).CopyTo(_newText.AsSpan(_newLength));
        other._starts.AsSpan(from, count).CopyTo(_newStarts.AsSpan(_newLength));
        other._ends.AsSpan(from, count).CopyTo(_newEnds.AsSpan(_newLength));
        _newLength += count;
    }

    /// <summary>Units in the code point at <paramref name="i"/>; the text has no lone surrogates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UnitsAt(ReadOnlySpan<char> text, int i) => char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;

    private void Align()
    {
        if (_aligned) return;
        if (_starts.Length < Length)
        {
            _starts = new int[Room(Length)];
            _ends = new int[_starts.Length];
        }
        for (var i = 0; i < Length; i++) (_starts[i], _ends[i]) = (Origin + i, Origin + i + 1);
        var text = Span;
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDBFF'); i >= 0 && i + 1 < Length; i++)
        {
            if (!char.IsHighSurrogate(text[i])) continue;
            (_ends[i], _starts[i + 1]) = (Origin + i + 2, Origin + i);
        }
        _aligned = true;
    }

    private void Reserve(int more)
    {
        var needed = _newLength + more;
        if (needed > LongestText) throw new TokenizationException($"The normalizer makes this text longer than {LongestText} characters. Cut the text, or use a tokenizer whose replacements do not grow like that.");
        if (_newText.Length < needed) Array.Resize(ref _newText, Room(needed));
        if (_newStarts.Length >= needed) return;
        Array.Resize(ref _newStarts, Room(needed));
        Array.Resize(ref _newEnds, _newStarts.Length);
    }

    private static int Room(int needed) => Math.Max(256, needed + needed / 2);
}
