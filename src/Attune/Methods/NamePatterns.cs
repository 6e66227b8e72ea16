using Attune.Options;

namespace Attune.Methods;

/// <summary>Patterns over weight and node names: <c>*</c> stands for any text (dots too), <c>?</c> for one character, everything else for itself.</summary>
internal static class NamePatterns
{
    /// <summary>True when the whole name fits; upper and lower case differ.</summary>
    public static bool Fits(string pattern, string name)
    {
        int p = 0, n = 0, star = -1, from = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && (pattern[p] == '?' || (pattern[p] == name[n] && pattern[p] != '*'))) (p, n) = (p + 1, n + 1);
            else if (p < pattern.Length && pattern[p] == '*') (star, from) = (p++, n);
            else if (star >= 0) (p, n) = (star + 1, ++from);
            else return false;
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    /// <summary>True when the pattern names one thing exactly.</summary>
    public static bool IsExact(string pattern) => pattern.AsSpan().IndexOfAny('*', '?') < 0;

    /// <summary>The error for a pattern that nothing fits; names the nearest name or prefix.</summary>
    public static OptionsException Unmatched(string option, string pattern, IEnumerable<string> names)
    {
        var plain = pattern.TrimEnd('*', '?').TrimEnd('.', '/');
        var candidates = names.Distinct().ToList();
        var prefixes = candidates.SelectMany(n => Enumerable.Range(1, Math.Max(0, n.Length - 1)).Where(i => n[i] is '.' or '/').Select(i => n[..i])).Distinct();
        return new OptionsException($"{option}: '{pattern}' fits no weight and no node of the model.{NearestName.Hint(plain, IsExact(pattern) ? candidates : prefixes.Concat(candidates))}");
    }
}
