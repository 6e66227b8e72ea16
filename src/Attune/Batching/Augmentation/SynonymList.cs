using System.Globalization;

namespace Attune.Batching.Augmentation;

/// <summary>Words that may stand for each other, as the user lists them: a group a line, its words separated by commas, semicolons or tabs. Empty lines and lines that begin with # are passed over.</summary>
public sealed class SynonymList
{
    private readonly Dictionary<string, List<string>> _others = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<string>>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    private SynonymList() => _bySpan = _others.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of words that have at least one synonym.</summary>
    public int Count => _others.Count;

    /// <summary>Reads a list.</summary>
    /// <param name="path">A UTF-8 file.</param>
    /// <exception cref="DataFormatException">The file cannot be read, a line has fewer than two words, or nothing is listed.</exception>
    public static SynonymList Read(string path)
    {
        string[] lines;
        try { lines = File.ReadAllLines(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new DataFormatException(path, null, null, $"cannot be read: {e.Message} Name a file of synonyms (augmentation.synonyms): a group a line, its words separated by commas.", e); }
        var list = new SynonymList();
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].AsSpan().Trim();
            if (line.IsEmpty || line[0] == '#') continue;
            var group = lines[i].Split([',', ';', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            if (group.Count < 2) throw new DataFormatException(path, i + 1, null, $"'{NearestName.Preview(group)}' stands alone; a group of synonyms needs two words or more, separated by commas.");
            foreach (var word in group)
            {
                if (!list._others.TryGetValue(word, out var others)) list._others.Add(word, others = []);
                others.AddRange(group.Where(w => !string.Equals(w, word, StringComparison.OrdinalIgnoreCase) && !others.Contains(w, StringComparer.OrdinalIgnoreCase)));
            }
        }
        return list.Count > 0 ? list : throw new DataFormatException(path, null, null, "lists no synonyms. A group a line, its words separated by commas.");
    }

    /// <summary>What may stand in a word's place, in the order of the file; empty when nothing may. Upper and lower case do not count.</summary>
    public IReadOnlyList<string> Of(ReadOnlySpan<char> word) => _bySpan.TryGetValue(word, out var others) ? others : [];

    /// <summary>The synonym written as the word was: with a capital, or in capitals.</summary>
    public static string Like(string synonym, ReadOnlySpan<char> word)
    {
        if (word.IsEmpty || !char.IsUpper(word[0])) return synonym;
        if (word.Length > 1 && word.IndexOfAnyInRange('a', 'z') < 0 && word.ToString().All(c => !char.IsLower(c))) return synonym.ToUpper(CultureInfo.InvariantCulture);
        return char.ToUpper(synonym[0], CultureInfo.InvariantCulture) + synonym[1..];
    }
}
