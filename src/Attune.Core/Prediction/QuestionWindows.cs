using System.Globalization;
using System.Runtime.ExceptionServices;
using Attune.Data;
using Attune.Encoding;
using Attune.Losses;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Prediction;

/// <summary>Questions and their texts as windows of tokens: a text that is longer than the network reads becomes several, which overlap.</summary>
public static class QuestionWindows
{
    /// <summary>Encodes a table of <see cref="QuestionColumns"/>. A window is a row of the set, every token of it a unit.</summary>
    /// <param name="inputs">Tokenizer and settings.</param>
    /// <param name="task">Stride.</param>
    /// <param name="table">Questions; with <see cref="QuestionColumns.Answers"/> there are targets.</param>
    /// <exception cref="DataFormatException">A question leaves no room for its text; names the row.</exception>
    public static EncodedSet Encode(TextInputs inputs, QuestionAnswering task, Table table)
    {
        var (questions, contexts) = (table[QuestionColumns.Question], table[QuestionColumns.Context]);
        var options = new EncodeOptions { MaxLength = inputs.Settings.MaxLength, Truncation = TruncationStrategy.OnlySecond, Stride = task.Stride, ReturnOverflow = true };
        var encoded = new TokenEncoding[table.Rows];
        try { Parallel.For(0, table.Rows, row => encoded[row] = EncodeRow(inputs.Tokenizer, table, row, questions.Text(row).TrimStart(), contexts.Text(row), options)); }
        catch (AggregateException e) { ExceptionDispatchInfo.Throw(e.InnerExceptions[0]); }
        var known = table.TryGet(QuestionColumns.Answers, out var answers);
        var (windows, windowStarts, tokenStarts) = (new List<TokenEncoding>(), new int[table.Rows + 1], new List<int> { 0 });
        var (labels, ranges, nulls) = (new List<int>(), new List<(int, int)>(), new List<int>());
        for (var row = 0; row < table.Rows; row++)
        {
            (int Start, int End)? span = null;
            if (known && WordList.Read(answers!.Text(row)) is [var answer, ..])
            {
                var start = int.Parse(WordList.Read(table[QuestionColumns.Starts].Text(row))[0], CultureInfo.InvariantCulture);
                span = (start, start + answer.Length);
            }
            foreach (var window in encoded[row].Overflow.Prepend(encoded[row]))
            {
                var nothing = Math.Max(0, Array.IndexOf(window.Ids, inputs.Tokenizer.ClassId ?? -1));
                nulls.Add(tokenStarts[^1] + nothing);
                windows.Add(window);
                AddTokens(window, span, nothing, labels, ranges);
                tokenStarts.Add(ranges.Count);
            }
            windowStarts[row + 1] = windows.Count;
        }
        int[] starts = [.. tokenStarts];
        var selected = new int[starts[^1]];
        for (var window = 0; window < windows.Count; window++)
        {
            for (var t = starts[window]; t < starts[window + 1]; t++) selected[t] = t - starts[window];
        }
        var source = inputs.SequencesOf(windows, 1, selected, starts);
        string[] Texts(Column column) => [.. Enumerable.Range(0, table.Rows).Select(column.Text)];
        var meaning = new AnswerWindows(Texts(table[QuestionColumns.Id]), Texts(contexts), known ? [.. Texts(answers!).Select(WordList.Read)] : null, windowStarts, starts, [.. ranges], [.. nulls]);
        return new EncodedSet(windows.Count, inputs.InputsOf(source), Targets.Classes([.. labels]).With(meaning), starts);
    }

    private static TokenEncoding EncodeRow(Tokenizer tokenizer, Table table, int row, string question, string context, EncodeOptions options)
    {
        try { return tokenizer.Encode(question, context, options); }
        catch (TokenizationException e)
        {
            throw new DataFormatException(table.Source, table.LineOfRow?.Invoke(row), QuestionColumns.Question, string.Create(CultureInfo.InvariantCulture,
                $"The question '{(question.Length > 60 ? question[..60] + "…" : question)}' leaves too little room for its text within {options.MaxLength} tokens and windows that share {options.Stride}. Shorten it, raise text.max-length, or lower text.doc-stride. ({e.Message})"), e);
        }
    }

    // As transformers' run_qa.py: a window that does not hold the whole answer has none.
    private static void AddTokens(TokenEncoding window, (int Start, int End)? span, int nothing, List<int> labels, List<(int, int)> ranges)
    {
        var (first, last) = (Array.IndexOf(window.SequenceIds, 1), Array.LastIndexOf(window.SequenceIds, 1));
        var (start, end) = (nothing, nothing);
        if (span is { } answer && first >= 0 && window.Offsets[first].Start <= answer.Start && window.Offsets[last].End >= answer.End)
        {
            (start, end) = (first, last);
            while (start < last && window.Offsets[start + 1].Start <= answer.Start) start++;
            while (end > first && window.Offsets[end - 1].End >= answer.End) end--;
        }
        for (var t = 0; t < window.Length; t++)
        {
            labels.Add((t == 0 ? SpanCrossEntropy.First : 0) | (t == start ? SpanCrossEntropy.Start : 0) | (t == end ? SpanCrossEntropy.End : 0));
            ranges.Add(window.SequenceIds[t] == 1 ? (window.Offsets[t].Start, window.Offsets[t].End) : (-1, -1));
        }
    }
}
