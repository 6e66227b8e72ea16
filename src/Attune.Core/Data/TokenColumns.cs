namespace Attune.Data;

/// <summary>Columns of a table of tagged texts.</summary>
public static class TokenColumns
{
    /// <summary>The text as it was given, or the given words joined by spaces.</summary>
    public const string Text = "text";

    /// <summary>Words that were given one by one, a JSON array; missing where a text was given.</summary>
    public const string Tokens = "tokens";

    /// <summary>Tags of the words that have a token, in order, a JSON array.</summary>
    public const string Tags = "tags";

    /// <summary>The kinds of things that the tags mark, joined by <see cref="TypeSeparator"/>: rows are divided so that each kind keeps its share.</summary>
    public const string Types = "types";

    /// <summary>Stands between two kinds in <see cref="Types"/>.</summary>
    public const string TypeSeparator = ";";
}
