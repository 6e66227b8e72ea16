using System.Text.Encodings.Web;
using System.Text.Json;
using Attune.Tasks;

namespace Attune.Prediction;

/// <summary>Answers questions into one JSON object of <c>"id": "answer"</c>, as SQuAD's official script reads it; "" stands for no answer.</summary>
public static class QuestionPredictionFile
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <summary>Writes the answers, whole or not at all.</summary>
    /// <param name="predictor">A model that answers questions.</param>
    /// <param name="data">Questions in SQuAD's JSON; answers in it are not looked at.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="progress">Receives windows done and all windows.</param>
    /// <returns>Questions, and how many of them have an answer.</returns>
    /// <exception cref="DataFormatException">The file holds no such questions.</exception>
    public static (int Questions, int Answered) Write(Predictor predictor, string data, string output, Action<int, int>? progress = null)
    {
        using var rows = ModelRows.Read(predictor.Model, data, labelled: false);
        int[] all = [.. Enumerable.Range(0, rows.Set.Rows)];
        var windows = rows.Set.Targets!.Windows!;
        var answers = ((QuestionAnswering)predictor.Task).Answer(windows, predictor.Predict(rows.Set, all, progress));
        AtomicFile.Write(output, stream =>
        {
            using (var writer = new Utf8JsonWriter(stream, Plain))
            {
                writer.WriteStartObject();
                for (var i = 0; i < answers.Length; i++) writer.WriteString(windows.Ids[i], answers[i]);
                writer.WriteEndObject();
            }
            stream.WriteByte((byte)'\n');
        });
        return (answers.Length, answers.Count(a => a.Length > 0));
    }
}
