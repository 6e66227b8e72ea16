namespace Attune.Text;

/// <summary>A text that a tokenizer cannot turn into tokens as asked: no unknown token, a limit that leaves no room, a pattern that ran out of time.</summary>
public sealed class TokenizationException(string message, Exception? inner = null) : AttuneException(message, inner)
{
    /// <summary>The first characters of a text, for a message.</summary>
    internal static string Preview(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : string.Concat(text[..40], "…");
}
