namespace Attune.Data;

/// <summary>Columns of a table of questions about texts, a question a row.</summary>
public static class QuestionColumns
{
    /// <summary>The question's id, which predictions have as their key.</summary>
    public const string Id = "id";

    /// <summary>The question.</summary>
    public const string Question = "question";

    /// <summary>The text that holds the answer.</summary>
    public const string Context = "context";

    /// <summary>Right answers, a JSON array of texts; empty where the text holds none. Absent where answers are not known.</summary>
    public const string Answers = "answers";

    /// <summary>Where each answer begins in the text in UTF-16 units, a JSON array of numbers as texts.</summary>
    public const string Starts = "starts";
}
