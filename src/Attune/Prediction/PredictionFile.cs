using System.Globalization;
using Attune.Data;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Prediction;

/// <summary>Predicts rows into a CSV: the path of a picture (a row without prediction where it cannot be read), kept columns, <c>prediction</c>, and for classification <c>probability:CLASS</c> for every class or label. Of embeddings their vectors, as <see cref="EmbeddingFile"/> writes them.</summary>
public static class PredictionFile
{
    /// <summary>Writes the predictions, whole or not at all.</summary>
    /// <param name="predictor">The model.</param>
    /// <param name="data">A file with the model's columns, others are ignored; or a folder or list of pictures.</param>
    /// <param name="output">The CSV to write.</param>
    /// <param name="keep">Columns of <paramref name="data"/> to copy as they stand.</param>
    /// <param name="missing">Words that mean a missing value.</param>
    /// <param name="progress">Receives rows done and all rows.</param>
    /// <param name="note">Receives what a user should know.</param>
    /// <param name="texts">Columns that hold the texts, where they have other names than in training; null or empty for the same names.</param>
    /// <param name="pictures">How pictures are listed, and how many may be damaged; null for the defaults.</param>
    /// <returns>The predictions of rows that could be read.</returns>
    /// <exception cref="DataFormatException">A column is missing or a cell does not fit; names line and column.</exception>
    public static PredictionTable Write(Predictor predictor, string data, string output, IReadOnlyList<string> keep, IReadOnlyList<string> missing, Action<int, int>? progress = null, Action<string>? note = null, IReadOnlyList<string>? texts = null, PictureReading? pictures = null)
    {
        if (predictor.Task is SentenceEmbedding) return EmbeddingFile.Write(predictor, data, output, keep, missing, progress, note, texts);
        using var rows = ModelRows.Read(predictor.Model, data, labelled: false, missing, texts: texts, pictures: pictures);
        foreach (var bad in rows.Unreadable) note?.Invoke(bad.Reason);
        foreach (var notice in rows.Notices) note?.Invoke(notice);
        var isTable = predictor.Model.Inputs is not ImageInputs;
        var source = keep.Count == 0 ? null : isTable ? TableReader.Read(data, new TableReadOptions { Expect = [], Keep = keep }) : rows.All;
        List<Column> kept = isTable ? [] : [rows.All[ImageSet.PathColumn]];
        kept.AddRange(keep.Select(name => source![name]));
        var all = new int[rows.Set.Rows];
        for (var i = 0; i < all.Length; i++) all[i] = i;
        var predictions = new PredictionTable(predictor.Task, predictor.Predict(rows.Set, all, progress), rows.Counts ?? new EncodingCounts(rows.Set.Rows, []));
        AtomicFile.Write(output, stream =>
        {
            using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            Write(writer, predictions, [.. kept], rows.All.Rows, rows.RowsOfAll);
        });
        return predictions;
    }

    private static void Write(StreamWriter writer, PredictionTable predictions, Column[] kept, int all, IReadOnlyList<int>? rowsOfAll)
    {
        var classes = predictions.Task.PredictionNames;
        writer.WriteLine(string.Join(',', kept.Select(c => Quote(c.Name)).Append("prediction").Concat(classes.Select(c => Quote("probability:" + c)))));
        Span<char> number = stackalloc char[32];
        for (var (line, row) = (0, 0); line < all; line++)
        {
            foreach (var column in kept)
            {
                writer.Write(Quote(column.Text(line)));
                writer.Write(',');
            }
            if (rowsOfAll is not null && (row == rowsOfAll.Count || rowsOfAll[row] != line))
            {
                writer.WriteLine(new string(',', classes.Count));   // nothing is known of a picture that cannot be read
                continue;
            }
            var values = predictions.Row(row);
            if (classes.Count > 0) writer.Write(Quote(predictions.Label(row)));
            else WriteNumber(writer, values[0], number);
            for (var k = 0; k < classes.Count; k++)
            {
                writer.Write(',');
                WriteNumber(writer, values[k], number);
            }
            writer.WriteLine();
            row++;
        }
    }

    private static void WriteNumber(StreamWriter writer, float value, Span<char> scratch)
    {
        value.TryFormat(scratch, out var length, default, CultureInfo.InvariantCulture);
        writer.Write(scratch[..length]);
    }

    private static string Quote(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
