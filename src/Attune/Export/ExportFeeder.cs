using Attune.Batching.Images;
using Attune.Data;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Prediction;
using Attune.Tasks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Attune.Export;

/// <summary>Feeds rows to an exported file as its users would: cells of a table all at once, decoded pictures one by one.</summary>
internal sealed class ExportFeeder
{
    private const int TextsAtOnce = 16;

    private readonly Func<int[], IEnumerable<(int[] Rows, List<NamedOnnxValue> Inputs)>> _passes;

    // The places of the words among all tokens, where a file answers for every token.
    private TokenInput? _chosen;

    private ExportFeeder(Func<int[], IEnumerable<(int[], List<NamedOnnxValue>)>> passes) => _passes = passes;

    /// <summary>Cells as the graph's inputs want them.</summary>
    public static ExportFeeder OfTable(Table table, Graph graph) => new(sample =>
    {
        var rows = table.Select(sample);
        return [(sample, [.. graph.Inputs.Select(i => Cells(i, rows))])];
    });

    /// <summary>Pictures as any decoder gives them, uint8 [1, H, W, C].</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="preprocessing">The model's preprocessing.</param>
    /// <param name="resized">Whether they are resized and cropped as in training first.</param>
    public static ExportFeeder OfImages(ModelRows rows, ImagePreprocessing preprocessing, bool resized) => new(sample => Pictures(rows, preprocessing, sample, resized));

    /// <summary>Token ids as any tokenizer gives them, padded to the longest of a few texts.</summary>
    public static ExportFeeder OfTokens(EncodedSet set, Graph graph) => new(sample => sample.Chunk(TextsAtOnce).Select(rows => (rows, graph.Inputs.Select(i => Tokens(i, set, rows)).ToList())))
    {
        _chosen = set.Inputs.OfType<TokenInput>().FirstOrDefault(i => i.Field == TokenField.Selected),
    };

    /// <summary>All predictions, and in how many rows the predicted class or labels are the same (null for regression).</summary>
    public (float[] Values, int? Agree) Run(InferenceSession session, Graph graph, int[] sample, PredictionTable expected)
    {
        var values = new List<float>();
        int? agree = null;
        foreach (var (part, inputs) in _passes(sample))
        {
            var first = values.Count / expected.Task.PredictionWidth;
            using var results = session.Run(inputs);
            if (expected.Task is QuestionAnswering)
            {
                AddScores(values, part, [.. graph.Outputs.Select(o => results.First(r => r.Name == o.Name).AsTensor<float>().ToArray())]);
                continue;
            }
            var answers = results.First(r => r.Name == graph.Outputs[^1].Name).AsTensor<float>();
            if (_chosen is not null)
            {
                agree = (agree ?? 0) + AddChosen(values, part, [.. answers], expected, first);
                continue;
            }
            values.AddRange(answers);
            if (Agreeing(expected, results.First(r => r.Name == graph.Outputs[0].Name), first, part.Length) is { } same) agree = (agree ?? 0) + same;
        }
        return ([.. values], agree);
    }

    /// <summary>Adds start and end scores of the tokens of windows.</summary>
    private void AddScores(List<float> values, int[] rows, float[][] sides)
    {
        var places = new long[_chosen!.ShapeOf(rows, StreamedInput.PlainView)[0]];
        _chosen.Read(rows, StreamedInput.PlainView, places);
        foreach (var place in places) values.AddRange(sides.Select(side => side[place]));
    }

    /// <summary>Adds the probabilities of the words; the number of rows in which all tags are the same.</summary>
    private int AddChosen(List<float> values, int[] rows, float[] answers, PredictionTable expected, int first)
    {
        var width = expected.Task.PredictionWidth;
        var places = new long[_chosen!.ShapeOf(rows, StreamedInput.PlainView)[0]];
        _chosen.Read(rows, StreamedInput.PlainView, places);
        foreach (var place in places) values.AddRange(answers.AsSpan((int)place * width, width));
        var same = 0;
        for (int i = 0, word = first; i < rows.Length; i++)
        {
            var (count, all) = (_chosen.Source.Selected(rows[i], StreamedInput.PlainView).Length, true);
            for (var end = word + count; word < end; word++) all &= TokenClassification.Choose(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(values).Slice(word * width, width)) == TokenClassification.Choose(expected.Row(word));
            if (all) same++;
        }
        return same;
    }

    private static IEnumerable<(int[], List<NamedOnnxValue>)> Pictures(ModelRows rows, ImagePreprocessing preprocessing, int[] sample, bool isResized)
    {
        var preparation = new ImagePreparation(preprocessing, ImageSource.DefaultMaxPixels);
        var (resized, buffer) = (new PixelImage(), Array.Empty<byte>());
        foreach (var row in sample)
        {
            var length = rows.Source!.Read(rows.SourceRows[row], ref buffer);
            var picture = preparation.Decode(buffer.AsSpan(0, length), rows.Source.Name(rows.SourceRows[row]));
            if (isResized)
            {
                preparation.ResizeAndCrop(picture, resized);
                picture = resized;
            }
            yield return ([row], [NamedOnnxValue.CreateFromTensor(ModelGraph.ImageName, Bytes(picture, preprocessing.ChannelCount))]);
        }
    }

    private static NamedOnnxValue Tokens(ValueInfo input, EncodedSet set, int[] rows)
    {
        var tokens = set.Inputs.OfType<TokenInput>().First(i => i.Name == input.Name);
        var shape = tokens.ShapeOf(rows, StreamedInput.PlainView);
        var values = new long[shape.Aggregate(1L, (a, b) => a * b)];
        tokens.Read(rows, StreamedInput.PlainView, values);
        int[] sizes = [.. shape.Select(s => (int)s)];
        return input.Type switch
        {
            DataType.Int32 => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<int>(Array.ConvertAll(values, v => (int)v), sizes)),
            DataType.Float => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<float>(Array.ConvertAll(values, v => (float)v), sizes)),
            DataType.Bool => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<bool>(Array.ConvertAll(values, v => v != 0), sizes)),
            _ => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<long>(values, sizes)),
        };
    }

    private static DenseTensor<byte> Bytes(PixelImage picture, int channels)
    {
        var bytes = new byte[picture.Width * picture.Height * channels];
        for (var i = 0; i < picture.Width * picture.Height; i++) picture.Span.Slice(4 * i, channels).CopyTo(bytes.AsSpan(i * channels));
        return new DenseTensor<byte>(bytes, [1, picture.Height, picture.Width, channels]);
    }

    private static int? Agreeing(PredictionTable expected, NamedOnnxValue output, int first, int count)
    {
        if (expected.Task is Classification)
        {
            string[] labels = [.. output.AsTensor<string>()];
            return Enumerable.Range(0, count).Count(row => labels[row] == expected.Label(first + row));
        }
        if (expected.Task is not MultiLabelClassification task) return null;
        long[] flags = [.. output.AsTensor<long>()];
        return Enumerable.Range(0, count).Count(row => Enumerable.Range(0, task.Labels.Count)
            .All(k => flags[row * task.Labels.Count + k] == (expected.Row(first + row)[k] >= MultiLabelClassification.Threshold ? 1 : 0)));
    }

    /// <summary>One graph input's values for all rows.</summary>
    private static NamedOnnxValue Cells(ValueInfo input, Table rows)
    {
        var column = rows[input.Name];
        int[] shape = [rows.Rows, 1];
        return input.Type switch
        {
            DataType.String => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<string>(Enumerable.Range(0, rows.Rows).Select(column.Text).ToArray(), shape)),
            DataType.Int64 => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<long>(((DateColumn)column).Milliseconds, shape)),
            DataType.Double => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<double>(((NumericColumn)column).Values, shape)),
            _ => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<float>(Array.ConvertAll(((NumericColumn)column).Values, v => (float)v), shape)),
        };
    }
}
