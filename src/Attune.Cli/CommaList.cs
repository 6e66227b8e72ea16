namespace Attune.Cli;

/// <summary>Lists on the command line.</summary>
internal static class CommaList
{
    /// <summary>The names in "a, b"; none for null.</summary>
    public static string[] Of(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
