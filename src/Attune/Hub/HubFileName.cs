namespace Attune.Hub;

/// <summary>Names of files as a server sends them: relative, with forward slashes, and never out of the folder they are written to.</summary>
internal static class HubFileName
{
    private const int Longest = 1000;

    /// <summary>Whether the name stays in its folder on every platform.</summary>
    public static bool IsSafe(string name)
        => name.Length is > 0 and <= Longest && !name.Any(c => c is < ' ' or '\u007f' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|') && name.Split('/').All(IsSafePart);

    /// <summary>Its place below a folder.</summary>
    public static string Below(string folder, string name) => Path.Combine([folder, .. name.Split('/')]);

    /// <summary>The name as a message may show it: short and without control characters.</summary>
    public static string Shown(string name) => string.Concat((name.Length <= 120 ? name : name[..120] + "…").Select(c => char.IsControl(c) ? '\ufffd' : c));

    // Windows drops dots and blanks at the end of a name, so that ".. " would be "..".
    private static bool IsSafePart(string part) => part.Length > 0 && part[^1] is not ('.' or ' ');
}
