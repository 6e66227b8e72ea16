namespace Attune.Encoding;

/// <summary>What the tokens of windows over texts stand for: enough to read an answer from scores, and to judge it.</summary>
/// <param name="Ids">Id of each question [Q].</param>
/// <param name="Contexts">Its text [Q].</param>
/// <param name="Answers">Its right answers [Q]; null where they are not known.</param>
/// <param name="WindowStarts">First window of each question [Q + 1].</param>
/// <param name="TokenStarts">First token of each window [W + 1].</param>
/// <param name="Ranges">Range of each token in its text in UTF-16 units [U]; (−1, −1) for tokens of the question and special ones.</param>
/// <param name="Nulls">Token of each window whose scores stand for no answer [W].</param>
public sealed record AnswerWindows(string[] Ids, string[] Contexts, string[][]? Answers, int[] WindowStarts, int[] TokenStarts, (int Start, int End)[] Ranges, int[] Nulls)
{
    /// <summary>Number of questions Q.</summary>
    public int Questions => Ids.Length;

    /// <summary>The windows of some questions as a set of their own, in order.</summary>
    /// <param name="windows">Windows, of whole questions.</param>
    public AnswerWindows Of(int[] windows)
    {
        var (questions, starts, tokens, ranges, nulls) = (new List<int>(), new List<int> { 0 }, new List<int> { 0 }, new List<(int, int)>(), new List<int>());
        foreach (var window in windows)
        {
            var question = Array.FindLastIndex(WindowStarts, start => start <= window);
            if (questions is [.., var last] && last == question) starts[^1]++;
            else
            {
                questions.Add(question);
                starts.Add(starts[^1] + 1);
            }
            nulls.Add(tokens[^1] + Nulls[window] - TokenStarts[window]);
            ranges.AddRange(Ranges.AsSpan(TokenStarts[window]..TokenStarts[window + 1]));
            tokens.Add(ranges.Count);
        }
        return new AnswerWindows([.. questions.Select(q => Ids[q])], [.. questions.Select(q => Contexts[q])], Answers is null ? null : [.. questions.Select(q => Answers[q])], [.. starts], [.. tokens], [.. ranges], [.. nulls]);
    }
}
