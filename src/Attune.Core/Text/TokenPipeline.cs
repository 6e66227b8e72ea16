namespace Attune.Text;

/// <summary>From a text to its tokens: added tokens, normalizer, pre-tokenizer, model.</summary>
internal sealed class TokenPipeline(TokenizerParts parts, AddedVocabulary added)
{
    /// <summary>Adds the tokens of <paramref name="text"/> with offsets in it; word indices are those of the pieces, or <paramref name="word"/>.</summary>
    public void AddTokens(string text, int? word, TokenList tokens, TokenizerWorkspace workspace)
    {
        if (text.Length == 0) return;
        text = Characters.WithoutLoneSurrogates(text);
        Cut(text, workspace);
        var pieces = workspace.Pieces;
        parts.PreTokenizer?.Apply(pieces);

        var first = tokens.Count;
        var units = pieces.Text.Span;
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = pieces.All[i];
            (tokens.Offset, tokens.Word) = (piece.Start, word ?? i);
            var content = units[piece.Start..piece.End];
            if (piece.IsFree) parts.Model.Tokenize(content, tokens);
            else if (content.SequenceEqual(added.IdToToken(piece.Id))) tokens.Add(piece.Id, 0, content.Length);
            else tokens.Add(piece.Id, 0, content.Length, content.ToString());
        }
        if (!pieces.Text.IsUnchanged) ToOriginal(pieces.Text, tokens, first);
    }

    // Added tokens are found in the text, then in the normalised rest of it.
    private void Cut(string text, TokenizerWorkspace workspace)
    {
        var (pieces, ranges) = (workspace.Pieces, workspace.Ranges);
        pieces.Begin();
        if (!added.Plain.MayMatch(text))
        {
            pieces.Text.Reset(text, 0);
            parts.Normalizer?.Apply(pieces.Text);
            AddNormalized(pieces, pieces.Text.Span, 0, workspace);
            pieces.Commit();
            return;
        }
        ranges.Clear();
        added.Plain.Find(text, ranges);
        pieces.Text.Reset([], 0);
        pieces.Text.Begin(text.Length);
        var segment = workspace.Segment;
        foreach (var (start, end, token) in ranges)
        {
            segment.Reset(text.AsSpan(start, end - start), start);
            if (token is null) parts.Normalizer?.Apply(segment);
            var from = pieces.Text.Written;
            pieces.Text.Append(segment, 0, segment.Length);
            if (token is null) AddNormalized(pieces, segment.Span, from, workspace);
            else pieces.Add(from, pieces.Text.Written, token.Id);
        }
        pieces.Text.Commit();
        pieces.Commit();
    }

    private void AddNormalized(TextPieces pieces, ReadOnlySpan<char> text, int offset, TokenizerWorkspace workspace)
    {
        if (!added.Normalized.MayMatch(text))
        {
            pieces.Add(offset, offset + text.Length);
            return;
        }
        workspace.InnerRanges.Clear();
        added.Normalized.Find(text, workspace.InnerRanges);
        foreach (var (start, end, token) in workspace.InnerRanges) pieces.Add(offset + start, offset + end, token?.Id ?? -1);
    }

    private static void ToOriginal(AlignedText text, TokenList tokens, int first)
    {
        var starts = tokens.Starts;
        var ends = tokens.Ends;
        for (var i = first; i < starts.Length; i++)
        {
            var (start, end) = (Math.Min(starts[i], text.Length), Math.Min(ends[i], text.Length));
            if (start < end) (starts[i], ends[i]) = (text.StartOf(start), text.EndOf(end - 1));
            else starts[i] = ends[i] = start < text.Length ? text.StartOf(start) : text.Length > 0 ? text.EndOf(text.Length - 1) : 0;
        }
    }
}
