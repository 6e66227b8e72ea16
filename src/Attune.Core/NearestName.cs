namespace Attune;

/// <summary>Suggestions for misspelt names, shared by every message that names one.</summary>
internal static class NearestName
{
    /// <summary>" Did you mean 'x'?" for the nearest candidate within a third of the length (at least 1 edit), else "".</summary>
    public static string Hint(string name, IEnumerable<string> candidates)
    {
        var nearest = Find(name, candidates);
        return nearest is null ? "" : $" Did you mean '{nearest}'?";
    }

    /// <summary>The nearest candidate, or null when none is near.</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        const int Longest = 100;   // a name from a hostile file may have megabytes
        string? best = null;
        if (name.Length > Longest) return null;
        var limit = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            if (candidate.Length > Longest) continue;
            var distance = Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < limit) (best, limit) = (candidate, distance);
        }
        return best ?? (name.Length >= 3 ? candidates.FirstOrDefault(c => c.Contains(name, StringComparison.OrdinalIgnoreCase)) : null);
    }

    /// <summary>The first ten names in quotes and how many more there are.</summary>
    public static string Preview(IEnumerable<string> names)
    {
        var all = names.ToList();
        var shown = string.Join(", ", all.Take(10).Select(n => $"'{n}'"));
        return all.Count > 10 ? $"{shown} and {all.Count - 10} more" : shown;
    }

    /// <summary>Edits from one text to the other: letters added, removed, replaced, or two neighbours swapped.</summary>
    private static int Distance(string a, string b)
    {
        var (before, last, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            (before, last, row) = (last, row, before);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
        }
        return row[b.Length];
    }
}
