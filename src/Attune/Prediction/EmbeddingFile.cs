using System.Text.Json;
using Attune.Data;
using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Prediction;

/// <summary>Vectors of a file's texts: JSON Lines, an object a row with kept columns and <c>embedding</c>, or the same as Parquet (<c>.parquet</c>).</summary>
public static class EmbeddingFile
{
    private const string Vector = "embedding";

    /// <summary>Writes the vectors, whole or not at all.</summary>
    /// <param name="predictor">A model whose task is <see cref="SentenceEmbedding"/>.</param>
    /// <param name="data">A table with a column of texts.</param>
    /// <param name="output">Ends in <c>.jsonl</c>, <c>.ndjson</c> or <c>.parquet</c>.</param>
    /// <param name="keep">Columns of <paramref name="data"/> to copy as they stand, as text.</param>
    /// <param name="missing">Words that mean a missing value.</param>
    /// <param name="progress">Receives rows done and all rows.</param>
    /// <param name="note">Receives what a user should know.</param>
    /// <param name="texts">The column of the texts; null or empty for the model's first one.</param>
    /// <returns>The vectors.</returns>
    /// <exception cref="OptionsException">The output's ending is another, several columns are named, or a kept column is called as the vectors are.</exception>
    /// <exception cref="DataFormatException">The column is missing.</exception>
    public static PredictionTable Write(Predictor predictor, string data, string output, IReadOnlyList<string> keep, IReadOnlyList<string> missing, Action<int, int>? progress = null, Action<string>? note = null, IReadOnlyList<string>? texts = null)
    {
        if (predictor.Model.Inputs is not TextInputs { IsApart: true } inputs) throw new ArgumentException("The model gives no vectors.", nameof(predictor));
        var isParquet = output.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);
        if (!isParquet && !output.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) && !output.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase))
            throw new OptionsException($"--out: '{output}' ends neither in .jsonl nor in .parquet; vectors are written as JSON Lines or Parquet.");
        if (texts is { Count: > 1 }) throw new OptionsException($"--text: names {texts.Count} columns; vectors are made of one. Run it once for each.");
        if (keep.Contains(Vector, StringComparer.OrdinalIgnoreCase)) throw new OptionsException($"--keep: the vectors themselves are called '{Vector}'; rename that column.");
        var column = texts is [var named] ? named : inputs.TextColumns[0].Name;
        var table = TableReader.Read(data, new TableReadOptions { Expect = [new ColumnSchema(column, ColumnKind.Text, "the text")], MissingWords = missing });
        var kept = keep.Count == 0 ? null : TableReader.Read(data, new TableReadOptions { Expect = [], Keep = keep });
        var set = (inputs with { TextColumns = [new ColumnSchema(column, ColumnKind.Text, "the text")] }).Encode(table, null, out var counts);
        if (counts.Truncated > 0) note?.Invoke(FormattableString.Invariant($"{counts.Truncated:N0} of {table.Rows:N0} texts are longer than the {inputs.Settings.MaxLength} tokens that the model reads and are cut there."));
        if (counts.Empty > 0) note?.Invoke(FormattableString.Invariant($"{counts.Empty:N0} of {table.Rows:N0} texts are empty; their vectors mean nothing."));
        int[] all = [.. Enumerable.Range(0, table.Rows)];
        var vectors = new PredictionTable(predictor.Task, predictor.Predict(set, all, progress), new EncodingCounts(table.Rows, []) { Truncated = counts.Truncated });
        Column[] copied = [.. keep.Select(name => kept![name])];
        if (isParquet) WriteParquet(output, vectors, copied);
        else AtomicFile.Write(output, stream => WriteLines(stream, vectors, copied));
        return vectors;
    }

    private static void WriteLines(Stream stream, PredictionTable vectors, Column[] kept)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        for (var row = 0; row < vectors.Rows; row++)
        {
            json.WriteStartObject();
            foreach (var column in kept)
            {
                if (column.IsMissing(row)) json.WriteNull(column.Name);
                else json.WriteString(column.Name, column.Text(row));
            }
            json.WriteStartArray(Vector);
            foreach (var value in vectors.Row(row)) json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            stream.WriteByte((byte)'\n');
            json.Reset();
        }
    }

    // DuckDB makes Parquet of the lines; floats keep their bits, because their shortest decimals do.
    private static void WriteParquet(string output, PredictionTable vectors, Column[] kept)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(output))!, $".attune-{Guid.NewGuid():N}.tmp")).FullName;
        try
        {
            var (lines, draft) = (Path.Combine(folder, "lines.jsonl"), Path.Combine(folder, "vectors.parquet"));
            using (var stream = File.Create(lines)) WriteLines(stream, vectors, kept);
            var columns = kept.Select(c => $"{DuckDbQuery.Text(c.Name)}: 'VARCHAR'").Append($"'{Vector}': 'FLOAT[]'");
            using (var query = new DuckDbQuery(output, Environment.ProcessorCount))
                query.Run($"COPY (SELECT * FROM read_json({DuckDbQuery.Path(lines)}, format='newline_delimited', maximum_object_size=268435456, columns={{{string.Join(", ", columns)}}})) TO {DuckDbQuery.Text(draft)} (FORMAT parquet)");
            File.Move(draft, output, overwrite: true);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}
