using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Attune.Data;

/// <summary>
/// A 64-bit hash of each row over the names and values of given columns: independent of the order of the columns, of the file format, of the
/// machine and of Attune's version. Numbers count as 32-bit floats (5, 5.0 and "5" are equal; a float in Parquet equals its decimal text in CSV),
/// the words true and false whatever their case. Two different rows share a hash with probability 2⁻⁶⁴.
/// </summary>
public static class RowHashes
{
    private const ulong MissingTag = 0x243F6A8885A308D3, NumberTag = 0x13198A2E03707344, TextTag = 0xA4093822299F31D0, DateTag = 0x082EFA98EC4E6C89;
    private static readonly double[] Powers = [.. Enumerable.Range(-31, 66).Select(p => double.Parse("1e" + p.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))];
    private static ReadOnlySpan<byte> Magic => "ATTRH001"u8;

    /// <summary>The hash of every row [R] over <paramref name="columns"/>.</summary>
    /// <exception cref="DataFormatException">A column is not in the table.</exception>
    public static ulong[] Of(Table table, IEnumerable<string> columns) => Sum(table, columns, Number, text => text);

    /// <summary>As <see cref="Of"/>, with numbers rounded to three significant digits and words folded in case and white space: equal for near duplicates.</summary>
    public static ulong[] Near(Table table, IEnumerable<string> columns) => Sum(table, columns, RoundedNumber, Fold);

    /// <summary>Writes distinct hashes, sorted, as a binary file (8 bytes "ATTRH001", then little-endian 64-bit numbers).</summary>
    public static void Save(string path, IEnumerable<ulong> hashes)
    {
        var sorted = hashes.Distinct().Order().ToArray();
        var bytes = new byte[Magic.Length + sorted.Length * 8L];
        Magic.CopyTo(bytes);
        for (var i = 0; i < sorted.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(Magic.Length + i * 8), sorted[i]);
        AtomicFile.WriteAllBytes(path, bytes);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="DataFormatException">The file is not such a file.</exception>
    public static HashSet<ulong> Load(string path)
    {
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, "is missing from the model folder, so it is not known which rows the model has seen. Copy the whole folder again.");
        var bytes = File.ReadAllBytes(path);
        if (!bytes.AsSpan().StartsWith(Magic) || bytes.Length % 8 != 0) throw new DataFormatException(path, null, null, "This is not a file of row hashes, or it is damaged. Restore the run folder, or start from a run that has it whole.");
        var hashes = new HashSet<ulong>(bytes.Length / 8);
        for (var at = Magic.Length; at < bytes.Length; at += 8) hashes.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
        return hashes;
    }

    private static ulong[] Sum(Table table, IEnumerable<string> columns, Func<double, ulong> number, Func<string, string> fold)
    {
        var rows = new ulong[table.Rows];
        foreach (var name in columns.Distinct(StringComparer.Ordinal)) Add(rows, table[name], Mix(Text(name)), number, fold);
        for (var i = 0; i < rows.Length; i++) rows[i] = Mix(rows[i]);
        return rows;
    }

    private static void Add(ulong[] rows, Column column, ulong name, Func<double, ulong> number, Func<string, string> fold)
    {
        switch (column)
        {
            case NumericColumn numeric:
                for (var i = 0; i < rows.Length; i++) rows[i] += Mix(name ^ number(numeric.Values[i]));
                break;
            case DateColumn date:
                for (var i = 0; i < rows.Length; i++) rows[i] += Mix(name ^ (date.IsMissing(i) ? MissingTag : Mix(DateTag + (ulong)date.Milliseconds[i])));
                break;
            case TextColumn text:
                var words = Array.ConvertAll(text.Dictionary, word => Mix(name ^ Word(word, number, fold)));
                var missing = Mix(name ^ MissingTag);
                for (var i = 0; i < rows.Length; i++) rows[i] += text.Codes[i] < 0 ? missing : words[text.Codes[i]];
                break;
        }
    }

    private static ulong Number(double value)
    {
        if (double.IsNaN(value)) return MissingTag;
        if (value == 0) value = 0;   // -0
        var single = (float)value;
        return Mix(NumberTag + (float.IsFinite(single) ? BitConverter.SingleToUInt32Bits(single == 0 ? 0 : single) : BitConverter.DoubleToUInt64Bits(value)));
    }

    private static ulong RoundedNumber(double value)
    {
        var size = Math.Abs(value);
        if (!(size is > 1e-30 and < 1e30)) return Number(value);
        var power = (int)Math.Floor(((BitConverter.DoubleToUInt64Bits(size) >> 52) - 1023.0) * 0.30102999566398120);   // log10, at most one too small
        if (Powers[power + 31 + 1] <= size) power++;
        var scale = Powers[2 - power + 31];
        return Number(Math.Round(value * scale) / scale);
    }

    private static ulong Word(string word, Func<double, ulong> number, Func<string, string> fold)
    {
        if (NumberText.Parse(System.Text.Encoding.UTF8.GetBytes(word), out var value) == NumberForm.Number) return number(value);
        if (word.Equals("true", StringComparison.OrdinalIgnoreCase)) word = "true";
        if (word.Equals("false", StringComparison.OrdinalIgnoreCase)) word = "false";
        return Mix(TextTag + Text(fold(word)));
    }

    private static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c)) folded.Append(char.ToLowerInvariant(c));
            else if (folded.Length > 0 && folded[^1] != ' ') folded.Append(' ');
        }
        return folded.ToString().TrimEnd();
    }

    private static ulong Text(string text)
    {
        var hash = 14695981039346656037UL;   // FNV-1a over UTF-8
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(text)) hash = (hash ^ b) * 1099511628211UL;
        return hash;
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return BitOperations.RotateLeft(x ^ (x >> 31), 17) + 0x9E3779B97F4A7C15UL;
    }
}
