namespace Attune.Text;

/// <summary>
/// The patterns of GPT-2 and of cl100k and its kin (Llama 3, Qwen 2), scanned by hand: contractions, letters, digits, other characters, white space. Every character is in a match.
/// </summary>
internal sealed class GptPattern : SplitPattern
{
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const byte Other = 0, Letter = 1, Digit = 2, Space = 3;

    private static readonly byte[] Kinds = MakeKinds();

    private readonly bool _isGpt2;
    private readonly int _digits;

    private GptPattern(bool isGpt2, int digits) => (_isGpt2, _digits) = (isGpt2, digits);

    public static GptPattern ForGpt2 { get; } = new(true, int.MaxValue);

    /// <summary>The scanner for a pattern, or null.</summary>
    public static GptPattern? Find(string pattern) => pattern switch
    {
        Gpt2 => ForGpt2,
        Llama3 => new(false, 3),
        Qwen2 => new(false, 1),
        _ => null,
    };

    public override void Find(ReadOnlySpan<char> text, List<(int Start, int End, bool IsMatch)> matches)
    {
        if (text.IsEmpty) matches.Add((0, 0, false));
        for (int i = 0, end; i < text.Length; i = end) matches.Add((i, end = End(text, i), true));
    }

    private int End(ReadOnlySpan<char> text, int i)
    {
        var c = text[i];
        if (c == '\'' && Contraction(text, i) is > 0 and var length) return i + length;
        var kind = Kind(text, i, out var units);
        if (kind == Letter) return Run(text, i, Letter);
        if (kind == Digit) return _isGpt2 ? Run(text, i, Digit) : DigitsEnd(text, i);
        var next = i + units;
        var nextKind = next < text.Length ? Kind(text, next, out _) : Space;
        if (nextKind == Letter && (_isGpt2 ? c == ' ' : c is not ('\r' or '\n'))) return Run(text, next, Letter);
        if (_isGpt2 && c == ' ' && nextKind == Digit) return Run(text, next, Digit);
        if (kind == Other || (c == ' ' && nextKind == Other))
        {
            var end = Run(text, kind == Other ? i : next, Other);
            while (!_isGpt2 && end < text.Length && text[end] is '\r' or '\n') end++;
            return end;
        }
        return SpaceEnd(text, i);
    }

    private int SpaceEnd(ReadOnlySpan<char> text, int i)
    {
        var end = Run(text, i, Space);
        if (!_isGpt2 && text[i..end].LastIndexOfAny('\r', '\n') is >= 0 and var line) return i + line + 1;
        return end < text.Length && end - i > 1 ? end - 1 : end;
    }

    private int DigitsEnd(ReadOnlySpan<char> text, int i)
    {
        for (var count = 0; count < _digits && i < text.Length && Kind(text, i, out var units) == Digit; count++) i += units;
        return i;
    }

    private int Contraction(ReadOnlySpan<char> text, int i)
    {
        if (i + 1 >= text.Length) return 0;
        var first = Fold(text[i + 1]);
        if (first is 's' or 't' or 'm' or 'd') return 2;
        if (i + 2 >= text.Length) return 0;
        return (first, Fold(text[i + 2])) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    // Without regard to case, ſ is an s.
    private char Fold(char c) => _isGpt2 ? c : c is >= 'A' and <= 'Z' ? (char)(c | 32) : c == '\u017F' ? 's' : c;

    private static int Run(ReadOnlySpan<char> text, int i, byte kind)
    {
        while (i < text.Length && Kind(text, i, out var units) == kind) i += units;
        return i;
    }

    private static byte Kind(ReadOnlySpan<char> text, int i, out int units)
    {
        var c = text[i];
        units = 1;
        if (!char.IsHighSurrogate(c)) return Kinds[c];
        units = AlignedText.UnitsAt(text, i);
        return KindOf(Characters.CodePointAt(text, i));
    }

    private static byte KindOf(int c) => Characters.IsWhitespace(c) ? Space : Characters.IsLetter(c) ? Letter : Characters.IsNumeric(c) ? Digit : Other;

    private static byte[] MakeKinds()
    {
        var kinds = new byte[0x10000];
        for (var c = 0; c < kinds.Length; c++) kinds[c] = KindOf(c);
        return kinds;
    }
}
