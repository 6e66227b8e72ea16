namespace Attune.Text;

/// <summary>A word of an encoded text and the token that stands for it where words have an output each: its first one.</summary>
/// <param name="Word">Index of the word: among the given words after <see cref="Tokenizer.EncodeWords"/>, else counted by the tokenizer.</param>
/// <param name="Position">Place of its first token in the sequence.</param>
/// <param name="Start">First UTF-16 unit of the word in the text; within the word after <see cref="Tokenizer.EncodeWords"/>.</param>
/// <param name="End">End, exclusive.</param>
public readonly record struct WordToken(int Word, int Position, int Start, int End)
{
    // Tokenizers that cut no words (SentencePiece) give a whole text one index: a word then ends at a space, and where letters and other signs meet.
    private static bool Begins(string text, WordToken last, int start)
    {
        var from = start;
        while (from < text.Length && char.IsWhiteSpace(text[from])) from++;
        var before = last.End - 1;
        while (before >= last.Start && char.IsWhiteSpace(text[before])) before--;
        if (before < last.Start || from >= text.Length) return false;   // nothing but space so far
        return from - before > 1 || (from > before && IsSign(text[before]) != IsSign(text[from]));
    }

    private static bool IsSign(char c) => char.IsPunctuation(c) || char.IsSymbol(c);

    /// <summary>The words of an encoding that have a token, in order. Words that were cut off, or of which the tokenizer leaves nothing, are not among them.</summary>
    /// <param name="encoding">One text, not padded.</param>
    /// <param name="text">The text, of which spaces around a word are left out; null for words that were given one by one.</param>
    public static IReadOnlyList<WordToken> Of(TokenEncoding encoding, string? text)
    {
        var words = new List<WordToken>();
        for (var t = 0; t < encoding.Length; t++)
        {
            if (encoding.WordIds[t] is not (>= 0 and var word) || encoding.SpecialTokensMask[t] != 0) continue;
            var (start, end) = (encoding.Offsets[t].Start, encoding.Offsets[t].End);
            if (words is [.., var last] && last.Word == word && !(text is not null && Begins(text, last, start))) words[^1] = last with { Start = Math.Min(last.Start, start), End = Math.Max(last.End, end) };
            else words.Add(new WordToken(word, t, start, end));
        }
        if (text is null) return words;
        for (var i = words.Count - 1; i >= 0; i--)
        {
            var (start, end) = (words[i].Start, words[i].End);
            while (start < end && char.IsWhiteSpace(text[start])) start++;
            while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
            if (start == end) words.RemoveAt(i);   // a space with a token of its own
            else words[i] = words[i] with { Start = start, End = end };
        }
        return words;
    }
}
