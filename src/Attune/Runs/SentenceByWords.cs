using Attune.Data;
using Attune.Metrics;
using Attune.Text;

namespace Attune.Runs;

/// <summary>A simple reader: of the sentences of a text the one that shares most words with the question, the first of equals.</summary>
internal static class SentenceByWords
{
    /// <summary>Name in files.</summary>
    public const string Name = "sentence-by-words";

    /// <summary>Its answers to the questions of a table.</summary>
    public static AnswerScores Score(Table rows)
    {
        string[] Texts(string column) => [.. Enumerable.Range(0, rows.Rows).Select(rows[column].Text)];
        var (questions, contexts) = (Texts(QuestionColumns.Question), Texts(QuestionColumns.Context));
        return new AnswerScores(Texts(QuestionColumns.Id), [.. Texts(QuestionColumns.Answers).Select(WordList.Read)], [.. questions.Zip(contexts, Answer)]);
    }

    private static string Answer(string question, string context)
    {
        var asked = AnswerText.Normalize(question).Split(' ').ToHashSet(StringComparer.Ordinal);
        return context.Split(['.', '!', '?', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .MaxBy(sentence => AnswerText.Normalize(sentence).Split(' ').Distinct(StringComparer.Ordinal).Count(asked.Contains)) ?? "";
    }
}
