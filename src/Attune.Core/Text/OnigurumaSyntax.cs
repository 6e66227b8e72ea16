using System.Buffers;
using System.Globalization;
using System.Text;

namespace Attune.Text;

/// <summary>
/// Translates a regular expression of Oniguruma (Ruby syntax, as the tokenizers library uses it) to .NET's: classes by Unicode, nested classes and intersections, possessive
/// quantifiers, code points in braces, scripts, POSIX brackets. Features without a counterpart are refused.
/// </summary>
internal sealed class OnigurumaSyntax
{
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u200C\u200D\u24B6-\u24E9";
    private const string Space = @"\s";

    private static readonly Dictionary<string, string> PosixClasses = new()
    {
        ["alnum"] = @"\p{L}\p{M}\p{N}", ["alpha"] = @"\p{L}\p{M}\p{Nl}", ["ascii"] = @"\x00-\x7F", ["blank"] = @"\p{Zs}\t", ["cntrl"] = @"\p{C}", ["digit"] = @"\p{Nd}",
        ["graph"] = @"\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}", ["lower"] = @"\p{Ll}", ["print"] = @"\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Zs}", ["punct"] = @"\p{P}\p{S}", ["space"] = Space,
        ["upper"] = @"\p{Lu}", ["xdigit"] = "0-9A-Fa-f", ["word"] = Word,
    };

    private static readonly HashSet<string> Categories = ["L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn"];

    private static readonly Dictionary<string, string> LongNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["letter"] = "L", ["mark"] = "M", ["number"] = "N", ["punctuation"] = "P", ["symbol"] = "S", ["separator"] = "Z", ["other"] = "C",
    };

    private static readonly SearchValues<char> CountCharacters = SearchValues.Create("0123456789,");

    private readonly string _pattern;
    private readonly StringBuilder _out = new();
    private int _at;

    private OnigurumaSyntax(string pattern) => _pattern = pattern;

    /// <exception cref="NotSupportedException">A feature of Oniguruma has no counterpart in .NET.</exception>
    /// <exception cref="ArgumentException">The pattern ends too early.</exception>
    public static string Translate(string pattern)
    {
        if (pattern.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) throw new NotSupportedException("it names a character beyond U+FFFF, which is not supported in patterns.");
        return new OnigurumaSyntax(pattern).Run();
    }

    private string Run()
    {
        var groups = new Stack<int>();
        var atom = 0;   // where the last atom begins in the output
        while (_at < _pattern.Length)
        {
            var c = _pattern[_at];
            switch (c)
            {
                case '\\':
                    atom = _out.Length;
                    _out.Append(Escape(inClass: false));
                    continue;
                case '[':
                    atom = _out.Length;
                    _at++;
                    _out.Append(ReadClass());
                    continue;
                case '(':
                    groups.Push(_out.Length);
                    OpenGroup();
                    continue;
                case ')':
                    atom = groups.Count > 0 ? groups.Pop() : throw new ArgumentException("it closes a group that is not open.");
                    break;
                case '*' or '+' or '?' or '{':
                    if (Quantifier(atom)) continue;
                    atom = _out.Length;
                    break;
                default:
                    atom = _out.Length;
                    break;
            }
            _out.Append(c);
            _at++;
        }
        return _out.ToString();
    }

    private void OpenGroup()
    {
        if (!Rest().StartsWith("(?", StringComparison.Ordinal))
        {
            _out.Append('(');
            _at++;
            return;
        }
        if (Rest().StartsWith("(?~", StringComparison.Ordinal) || Rest().StartsWith("(?{", StringComparison.Ordinal)) throw new NotSupportedException("it has an absent operator or a callout.");
        // Options: Oniguruma's m lets a dot match line ends, which is .NET's s.
        var end = _at + 2;
        while (end < _pattern.Length && _pattern[end] is 'i' or 'm' or 'x' or '-') end++;
        if (end > _at + 2 && end < _pattern.Length && _pattern[end] is ':' or ')')
        {
            _out.Append("(?").Append(_pattern.AsSpan(_at + 2, end - _at - 2).ToString().Replace('m', 's'));
            _at = end;
            if (_pattern[end] != ':') return;
            _out.Append(':');
            _at++;
            return;
        }
        // The signs after (? that tell the kind of group: = ! > < <= <! : and a name.
        _out.Append("(?");
        _at += 2;
        while (_at < _pattern.Length && _pattern[_at] is '=' or '!' or '>' or '<' or ':') _out.Append(_pattern[_at++]);
    }

    /// <summary>Copies a quantifier; a possessive one makes the atom before it atomic. False where a brace is just a character.</summary>
    private bool Quantifier(int atom)
    {
        var length = 1;
        if (_pattern[_at] == '{')
        {
            var close = _pattern.IndexOf('}', _at);
            if (close < 0 || close == _at + 1 || _pattern.AsSpan(_at + 1, close - _at - 1).ContainsAnyExcept(CountCharacters)) return false;
            length = close - _at + 1;
        }
        var text = _pattern.Substring(_at, length);
        _at += length;
        if (text.StartsWith("{,", StringComparison.Ordinal)) text = "{0" + text[1..];
        var next = _at < _pattern.Length ? _pattern[_at] : '\0';
        if (next == '+')
        {
            _at++;
            // {n,m}+ is a quantifier over a quantifier in this syntax.
            var (open, close) = text[0] == '{' ? ("(?:", ")+") : ("(?>", ")");
            _out.Insert(atom, open).Append(text).Append(close);
            return true;
        }
        _out.Append(text);
        if (next != '?') return true;
        _at++;
        _out.Append('?');
        return true;
    }

    private string Escape(bool inClass)
    {
        if (_at + 1 >= _pattern.Length) throw new ArgumentException("it ends in a backslash.");
        var c = _pattern[_at + 1];
        _at += 2;
        switch (c)
        {
            case 'w': return inClass ? Word : $"[{Word}]";
            case 'W' when !inClass: return $"[^{Word}]";
            case 'h': return inClass ? "0-9A-Fa-f" : "[0-9A-Fa-f]";
            case 'H' when !inClass: return "[^0-9A-Fa-f]";
            case 'R' when !inClass: return @"(?>\r\n|[\n-\r\x85\u2028\u2029])";
            case 'p' or 'P': return Property(c == 'P', inClass);
            case 'x' when _at < _pattern.Length && _pattern[_at] == '{':
                var close = _pattern.IndexOf('}', _at);
                if (close < 0 || !int.TryParse(_pattern.AsSpan(_at + 1, close - _at - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var codePoint)) throw new ArgumentException("it has a code point that is none.");
                if (codePoint > 0xFFFF) throw new NotSupportedException("it names a character beyond U+FFFF, which is not supported in patterns.");
                _at = close + 1;
                return string.Create(CultureInfo.InvariantCulture, $"\\u{codePoint:X4}");
            case 'X' or 'K' or 'g' or 'y' or 'Y' or 'N' or 'O' or 'W' or 'H' or 'R': throw new NotSupportedException($"it uses \\{c}, which has no counterpart here.");
            case 'Z' or 'z' or 'A' or 'G' or 'b' or 'B' or 'd' or 'D' or 's' or 'S' or 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e' or 'x' or 'u' or 'c' or 'k': return "\\" + c;
            default: return char.IsAsciiLetter(c) ? c.ToString() : "\\" + c;
        }
    }

    private string Property(bool negated, bool inClass)
    {
        if (_at >= _pattern.Length || _pattern[_at] != '{') throw new ArgumentException("\\p needs a name in braces.");
        var close = _pattern.IndexOf('}', _at);
        if (close < 0) throw new ArgumentException("the name after \\p has no end.");
        var name = _pattern[(_at + 1)..close];
        _at = close + 1;
        if (name.StartsWith('^')) (negated, name) = (!negated, name[1..]);
        if (name.Contains('=', StringComparison.Ordinal)) name = name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..];
        if (LongNames.TryGetValue(name, out var category)) name = category;
        if (Categories.Contains(name)) return $"\\{(negated ? 'P' : 'p')}{{{name}}}";
        var inside = PosixClasses.GetValueOrDefault(name.ToLowerInvariant()) ?? (UnicodeScript.ByName(name) is > 0 and var script ? UnicodeScript.ClassOf(script) : null);
        if (inside is null) throw new NotSupportedException($"it uses the property '{name}', which is not known here.");
        if (inClass && negated) throw new NotSupportedException($"it negates the property '{name}' inside a class, which has no counterpart here.");
        return inClass ? inside : $"[{(negated ? "^" : "")}{inside}]";
    }

    /// <summary>
    /// Reads a class after its bracket. .NET knows neither unions of nested classes nor intersections: nested classes become alternatives, an intersection a look ahead before
    /// its last operand.
    /// </summary>
    private string ReadClass()
    {
        var negated = Take("^");
        var inside = new StringBuilder();
        var (nested, operands, isFirst) = (new List<string>(), new List<string>(), true);
        while (true)
        {
            if (_at >= _pattern.Length) throw new ArgumentException("a class has no end.");
            var c = _pattern[_at];
            if (c == ']' && !isFirst)
            {
                _at++;
                break;
            }
            isFirst = false;
            if (Rest().StartsWith("[:", StringComparison.Ordinal) && Rest().IndexOf(":]", StringComparison.Ordinal) is > 0 and var end)
            {
                var name = _pattern.Substring(_at + 2, end - 2);
                var isNot = name.StartsWith('^');
                if (!PosixClasses.TryGetValue(isNot ? name[1..] : name, out var posix)) throw new NotSupportedException($"it uses the bracket [:{name}:], which is not known here.");
                _at += end + 2;
                if (isNot) nested.Add($"[^{posix}]");
                else inside.Append(posix);
            }
            else if (c == '[')
            {
                _at++;
                nested.Add(ReadClass());
            }
            else if (Take("&&"))
            {
                operands.Add(Union(inside, nested));
                inside.Clear();
                nested.Clear();
            }
            else if (c == '\\')
            {
                if (_at + 1 < _pattern.Length && _pattern[_at + 1] is 'W' or 'H' && (_at += 2) > 0) nested.Add(_pattern[_at - 1] == 'W' ? $"[^{Word}]" : "[^0-9A-Fa-f]");
                else inside.Append(Escape(inClass: true));
            }
            else
            {
                inside.Append(c == ']' ? "\\]" : c.ToString());
                _at++;
            }
        }
        if (operands.Count == 0 && nested.Count == 0) return $"[{(negated ? "^" : "")}{inside}]";
        operands.Add(Union(inside, nested));
        var matched = string.Concat(operands.SkipLast(1).Select(o => $"(?={o})")) + operands[^1];
        return negated ? $"(?:(?!{matched})(?s:.))" : $"(?:{matched})";
    }

    private static string Union(StringBuilder inside, List<string> nested)
    {
        if (nested.Count == 0) return inside.Length == 0 ? "[^\\s\\S]" : $"[{inside}]";
        return inside.Length == 0 && nested.Count == 1 ? nested[0] : $"(?:{string.Join('|', inside.Length == 0 ? nested : [$"[{inside}]", .. nested])})";
    }

    private ReadOnlySpan<char> Rest() => _pattern.AsSpan(_at);

    private bool Take(string text)
    {
        if (!Rest().StartsWith(text, StringComparison.Ordinal)) return false;
        _at += text.Length;
        return true;
    }
}
