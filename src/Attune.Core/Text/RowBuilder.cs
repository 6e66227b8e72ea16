using Attune.Text.PostProcessors;

namespace Attune.Text;

/// <summary>From the tokens of one or two texts to a row: truncated, laid out by the post-processor, with what was cut off as further rows.</summary>
internal sealed class RowBuilder(Tokenizer tokenizer, TokenizerParts parts)
{
    private const int MostOverflow = 1_000_000;

    // Byte-level vocabularies write a space as this letter.
    private const char ByteLevelSpace = '\u0120';

    public TokenEncoding Build(SourceText first, TokenList firstTokens, SourceText? second, TokenList? secondTokens, EncodeOptions options)
    {
        var row = new RowLayout(second is not null, options.AddSpecialTokens);
        var room = Room(options, second is not null);
        parts.PostProcessing?.Apply(row);
        var (firstLength, secondLength) = Lengths(firstTokens.Count, secondTokens?.Count, room, options);
        List<Range>[] chunks = [Chunks(firstTokens.Count, firstLength, options), Chunks(secondTokens?.Count ?? 0, secondLength, options)];
        TokenList?[] tokens = [firstTokens, secondTokens];

        var overflow = options.ReturnOverflow ? Combinations(row, chunks) : [];
        var main = Assemble(row, tokens, chunks, new int[row.Parts.Count], first, second);
        main.IsTruncated = chunks[0].Count > 1 || chunks[1].Count > 1;
        if (overflow.Count > 0) main.Overflow = [.. overflow.Select(c => Assemble(row, tokens, chunks, c, first, second))];
        return main;
    }

    /// <summary>Tokens of the texts themselves that a row has room for; null for no limit.</summary>
    private int? Room(EncodeOptions options, bool isPair)
    {
        if (options.MaxLength is not { } limit) return null;
        var special = options.AddSpecialTokens ? parts.PostProcessing?.AddedTokens(isPair) ?? 0 : 0;
        return limit >= special ? limit - special
            : throw new TokenizationException($"A row of at most {limit} tokens has no room for the {special} special tokens of this tokenizer. Give a larger maximum length, or leave special tokens out.");
    }

    private static (int First, int Second) Lengths(int first, int? second, int? room, EncodeOptions options)
    {
        var (other, total) = (second ?? 0, first + (second ?? 0));
        if (room is not { } limit || total <= limit) return (first, other);
        if (limit == 0) return (0, 0);
        if (options.Truncation == TruncationStrategy.LongestFirst) return second is null ? (limit, 0) : Balance(first, other, limit);
        if (options.Truncation == TruncationStrategy.OnlySecond && second is null)
            throw new TokenizationException("Truncation of the second text was asked for, and there is no second text. Choose longest-first or only-first.");
        var excess = total - limit;
        var target = options.Truncation == TruncationStrategy.OnlyFirst ? first : other;
        if (target <= excess)
            throw new TokenizationException($"The {(options.Truncation == TruncationStrategy.OnlyFirst ? "first" : "second")} text has {target} tokens, too few to take away {excess}. "
                + "Give a larger maximum length, or choose longest-first.");
        return options.Truncation == TruncationStrategy.OnlyFirst ? (first - excess, other) : (first, other - excess);
    }

    // The shorter text keeps up to half of the room; the longer one gets the rest.
    private static (int First, int Second) Balance(int first, int second, int limit)
    {
        var (shorter, isSwapped) = (Math.Min(first, second), first > second);
        var longer = shorter > limit ? shorter : Math.Max(shorter, limit - shorter);
        if (shorter + longer > limit) (shorter, longer) = (limit / 2, limit / 2 + limit % 2);
        return isSwapped ? (longer, shorter) : (shorter, longer);
    }

    /// <summary>The parts of a text of <paramref name="count"/> tokens; the first is the row's own.</summary>
    private static List<Range> Chunks(int count, int length, EncodeOptions options)
    {
        if (length >= count) return [0..count];
        if (length == 0) return [0..0, 0..count];
        if (options.Stride >= length)
            throw new TokenizationException($"A stride of {options.Stride} tokens needs parts of more tokens; here they have {length}. Give a smaller stride or a larger maximum length.");
        var (step, chunks) = (length - options.Stride, new List<Range>());
        for (var at = 0; ; at += step)
        {
            var end = Math.Min(at + length, count);
            chunks.Add(options.TruncationSide == TextSide.Right ? at..end : (count - end)..(count - at));
            if (end == count || !options.ReturnOverflow && chunks.Count == 2) return chunks;
        }
    }

    // Every way to put parts of the texts together, but for the row's own: which part each place of the layout takes.
    private static List<int[]> Combinations(RowLayout row, List<Range>[] chunks)
    {
        var (main, overflow) = (new int[row.Parts.Count], new List<int[]>());
        if (chunks[0].Count == 1 && chunks[1].Count == 1) return overflow;
        for (var place = 0; place < main.Length; place++)
        {
            var sequence = row.Parts[place].Sequence;
            var others = sequence < 0 ? 0 : chunks[sequence].Count - 1;
            if ((overflow.Count + 1L) * (others + 1) > MostOverflow)
                throw new TokenizationException($"The parts that are cut off make more than {MostOverflow} rows. Give a larger maximum length or a smaller stride, or truncate one text only.");
            var next = new List<int[]>();
            foreach (var made in overflow)
            {
                next.Add(made);
                for (var i = 1; i <= others; i++) next.Add(With(made, place, i));
            }
            for (var i = 1; i <= others; i++) next.Add(With(main, place, i));
            overflow = next;
        }
        return overflow;
    }

    private static int[] With(int[] choice, int place, int chunk)
    {
        var changed = (int[])choice.Clone();
        changed[place] = chunk;
        return changed;
    }

    private TokenEncoding Assemble(RowLayout row, TokenList?[] tokens, List<Range>[] chunks, int[] choice, SourceText first, SourceText? second)
    {
        var length = 0;
        for (var i = 0; i < choice.Length; i++)
            length += row.Parts[i].Sequence is >= 0 and var s ? chunks[s][choice[i]].End.Value - chunks[s][choice[i]].Start.Value : row.Parts[i].Special.Count;

        Dictionary<int, string>? texts = null;
        if (tokens[0]!.Texts is not null || tokens[1]?.Texts is not null || row.Parts.Any(p => p.Special.Any(t => tokenizer.IdToToken(t.Id) != t.Token))) texts = [];
        var encoding = new TokenEncoding(tokenizer, length, first, second, texts);
        encoding.AttentionMask.AsSpan().Fill(1);
        var at = 0;
        for (var i = 0; i < choice.Length; i++)
        {
            var part = row.Parts[i];
            if (part.Sequence >= 0)
            {
                at += Copy(tokens[part.Sequence]!, chunks[part.Sequence][choice[i]], part, row, encoding, at, texts);
                continue;
            }
            foreach (var (token, id) in part.Special)
            {
                (encoding.Ids[at], encoding.TypeIds[at], encoding.SpecialTokensMask[at], encoding.WordIds[at], encoding.SequenceIds[at]) = (id, part.TypeId, 1, -1, -1);
                if (texts is not null && tokenizer.IdToToken(id) != token) texts[at] = token;
                at++;
            }
        }
        return encoding;
    }

    private int Copy(TokenList tokens, Range chunk, RowLayout.Part part, RowLayout row, TokenEncoding encoding, int at, Dictionary<int, string>? texts)
    {
        var (from, count) = (chunk.Start.Value, chunk.End.Value - chunk.Start.Value);
        tokens.Ids.Slice(from, count).CopyTo(encoding.Ids.AsSpan(at));
        tokens.Words.Slice(from, count).CopyTo(encoding.WordIds.AsSpan(at));
        if (part.TypeId != 0) encoding.TypeIds.AsSpan(at, count).Fill(part.TypeId);
        if (part.Sequence != 0) encoding.SequenceIds.AsSpan(at, count).Fill(part.Sequence);
        var starts = tokens.Starts.Slice(from, count);
        var ends = tokens.Ends.Slice(from, count);
        var offsets = encoding.Offsets.AsSpan(at, count);
        for (var i = 0; i < count; i++) offsets[i] = new(starts[i], ends[i]);
        if (texts is not null && tokens.Texts is { } own)
        {
            foreach (var (i, text) in own)
            {
                if (i >= from && i < from + count) texts[at + i - from] = text;
            }
        }
        foreach (var keepsFirstSpace in row.Trims)
        {
            for (var i = 0; i < count; i++)
                offsets[i] = Trimmed(offsets[i], i == 0, keepsFirstSpace, Spaces(tokens.Texts?.GetValueOrDefault(from + i) ?? tokenizer.IdToToken(encoding.Ids[at + i]) ?? ""));
        }
        return count;
    }

    private static TokenOffset Trimmed(TokenOffset offset, bool isFirst, bool keepsFirstSpace, (int Leading, int Trailing) spaces)
    {
        var (start, end) = offset;
        var leading = (isFirst || start == 0) && keepsFirstSpace && spaces.Leading == 1 ? 0 : spaces.Leading;
        if (leading > 0) start = Math.Min(start + leading, end);
        if (spaces.Trailing > 0 && end >= spaces.Trailing) end = Math.Max(end - spaces.Trailing, start);
        return new(start, end);
    }

    private static (int Leading, int Trailing) Spaces(string token)
    {
        var (leading, trailing) = (0, 0);
        while (leading < token.Length && IsSpace(token[leading])) leading++;
        while (trailing < token.Length && IsSpace(token[^(trailing + 1)])) trailing++;
        return (leading, trailing);
    }

    private static bool IsSpace(char c) => c == ByteLevelSpace || char.IsWhiteSpace(c);
}
