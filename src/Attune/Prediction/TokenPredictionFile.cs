using System.Text.Encodings.Web;
using System.Text.Json;
using Attune.Data;
using Attune.Encoding;
using Attune.Metrics;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Prediction;

/// <summary>
/// Tags texts into JSON Lines of the shape that came in, one line a row in order: <c>tokens</c> and <c>tags</c>, or <c>text</c> and <c>entities</c> (<c>tags</c> beside <c>words</c> where the
/// tags mark no entities). Words beyond what the model reads have the tag <c>O</c>.
/// </summary>
public static class TokenPredictionFile
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the predictions, whole or not at all.</summary>
    /// <param name="predictor">A tagger.</param>
    /// <param name="data">JSON Lines with <c>tokens</c> or <c>text</c>; other keys are passed over.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="probabilities">Whether to write how sure the model is: the probability of each tag (<c>probabilities</c>), or the least one over an entity's words (<c>probability</c>).</param>
    /// <param name="progress">Receives rows done and all rows.</param>
    /// <param name="note">Receives what a user should know.</param>
    /// <returns>The predictions, one line a word.</returns>
    /// <exception cref="DataFormatException">A line is no such object; names it.</exception>
    public static PredictionTable Write(Predictor predictor, string data, string output, bool probabilities, Action<int, int>? progress = null, Action<string>? note = null)
    {
        var (task, inputs) = ((TokenClassification)predictor.Task, (TextInputs)predictor.Model.Inputs);
        using var rows = ModelRows.Read(predictor.Model, data, labelled: false);
        foreach (var notice in rows.Notices) note?.Invoke(notice);
        int[] all = [.. Enumerable.Range(0, rows.Set.Rows)];
        var predictions = new PredictionTable(task, predictor.Predict(rows.Set, all, progress), rows.Counts ?? new EncodingCounts(rows.Set.Rows, []));
        var (_, words) = inputs.TokenizeWords(rows.Table);
        AtomicFile.Write(output, stream =>
        {
            var spans = new EntitySpans(task.Tags);
            for (var row = 0; row < rows.Table.Rows; row++)
            {
                using (var writer = new Utf8JsonWriter(stream, Plain)) Write(writer, rows, row, words[row], predictions, spans, probabilities);
                stream.WriteByte((byte)'\n');
            }
        });
        return predictions;
    }

    private static void Write(Utf8JsonWriter writer, ModelRows rows, int row, IReadOnlyList<WordToken> words, PredictionTable predictions, EntitySpans spans, bool probabilities)
    {
        var task = (TokenClassification)predictions.Task;
        var start = rows.Set.UnitsOf(row).Start;
        int[] tags = [.. Enumerable.Range(start, words.Count).Select(unit => TokenClassification.Choose(predictions.Row(unit)))];
        float[] sure = [.. tags.Select((tag, i) => predictions.Row(start + i)[tag])];
        writer.WriteStartObject();
        if (!rows.Table[TokenColumns.Tokens].IsMissing(row)) WriteTokens(writer, WordList.Read(rows.Table[TokenColumns.Tokens].Text(row)), words, task, tags, probabilities ? sure : null);
        else WriteText(writer, rows.Table[TokenColumns.Text].Text(row), words, task, tags, spans, probabilities ? sure : null);
        writer.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter writer, string[] tokens, IReadOnlyList<WordToken> words, TokenClassification task, int[] tags, float[]? sure)
    {
        var (names, chances) = (new string[tokens.Length], new float?[tokens.Length]);
        Array.Fill(names, task.Tags.Contains(Iob.Outside, StringComparer.Ordinal) ? Iob.Outside : task.Tags[0]);
        for (var i = 0; i < words.Count; i++) (names[words[i].Word], chances[words[i].Word]) = (task.Tags[tags[i]], sure?[i]);
        if (task.IsIob) Iob.Repair(names);
        Strings(writer, "tokens", tokens);
        Strings(writer, "tags", names);
        if (sure is null) return;
        writer.WriteStartArray("probabilities");
        foreach (var chance in chances)
        {
            if (chance is { } p) writer.WriteNumberValue(p);
            else writer.WriteNullValue();
        }
        writer.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter writer, string text, IReadOnlyList<WordToken> words, TokenClassification task, int[] tags, EntitySpans spans, float[]? sure)
    {
        writer.WriteString("text", text);
        if (!task.IsIob)
        {
            Strings(writer, "words", words.Select(word => text[word.Start..word.End]));
            Strings(writer, "tags", tags.Select(tag => task.Tags[tag]));
            if (sure is null) return;
            writer.WriteStartArray("probabilities");
            foreach (var p in sure) writer.WriteNumberValue(p);
            writer.WriteEndArray();
            return;
        }
        writer.WriteStartArray("entities");
        foreach (var span in spans.Of(tags))
        {
            writer.WriteStartObject();
            writer.WriteNumber("start", words[span.First].Start);
            writer.WriteNumber("end", words[span.Last].End);
            writer.WriteString("label", spans.Types[span.Type]);
            if (sure is not null) writer.WriteNumber("probability", sure[span.First..(span.Last + 1)].Min());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter writer, string name, IEnumerable<string> words)
    {
        writer.WriteStartArray(name);
        foreach (var word in words) writer.WriteStringValue(word);
        writer.WriteEndArray();
    }
}
