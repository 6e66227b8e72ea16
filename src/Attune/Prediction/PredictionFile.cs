using System.Globalization;
using Attune.Data;
using Attune.Tasks;

namespace Attune.Prediction;

/// <summary>Predicts a file of rows into a CSV: kept columns, <c>prediction</c>, and for classification <c>probability:CLASS</c> for every class or label.</summary>
public static class PredictionFile
{
    /// <summary>Writes the predictions, whole or not at all.</summary>
    /// <param name="predictor">The model.</param>
    /// <param name="data">A file with the model's columns; others are ignored.</param>
    /// <param name="output">The CSV to write.</param>
    /// <param name="keep">Columns of <paramref name="data"/> to copy as they stand.</param>
    /// <param name="missing">Words that mean a missing value.</param>
    /// <returns>The predictions.</returns>
    /// <exception cref="DataFormatException">A column is missing or a cell does not fit; names line and column.</exception>
    public static PredictionTable Write(Predictor predictor, string data, string output, IReadOnlyList<string> keep, IReadOnlyList<string> missing)
    {
        var rows = TableReader.Read(data, new TableReadOptions { Expect = predictor.Model.Columns, MissingWords = missing });
        var kept = keep.Count == 0 ? null : TableReader.Read(data, new TableReadOptions { Expect = [], Keep = keep });
        var predictions = predictor.Predict(rows);
        AtomicFile.Write(output, stream =>
        {
            using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            Write(writer, predictions, kept is null ? [] : [.. keep.Select(name => kept[name])]);
        });
        return predictions;
    }

    private static void Write(StreamWriter writer, PredictionTable predictions, Column[] kept)
    {
        var classes = predictions.Task.PredictionNames;
        writer.WriteLine(string.Join(',', kept.Select(c => Quote(c.Name)).Append("prediction").Concat(classes.Select(c => Quote("probability:" + c)))));
        Span<char> number = stackalloc char[32];
        for (var row = 0; row < predictions.Rows; row++)
        {
            foreach (var column in kept)
            {
                writer.Write(Quote(column.Text(row)));
                writer.Write(',');
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
        }
    }

    private static void WriteNumber(StreamWriter writer, float value, Span<char> scratch)
    {
        value.TryFormat(scratch, out var length, default, CultureInfo.InvariantCulture);
        writer.Write(scratch[..length]);
    }

    private static string Quote(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
