using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Attune.Export;

/// <summary>
/// One ONNX file that takes raw table columns and gives <c>label</c> and <c>probabilities</c>, <c>predictions</c> and <c>probabilities</c> for several labels, or <c>prediction</c>. It is run by ONNX Runtime on real rows before it is
/// kept; the receipt stands beside it.
/// </summary>
public static class OnnxExport
{
    /// <summary>Largest difference of a probability, or of a value relative to the largest one, that counts as equal.</summary>
    public const double Tolerance = 1e-4;

    private const int MaxRows = 2_000;

    /// <summary>Writes and proves the file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The .onnx file to write.</param>
    /// <param name="rows">Rows to compare on, with the model's columns; at most 2,000 are used.</param>
    /// <param name="opset">Operator set to write, 17 to 23.</param>
    /// <returns>The receipt, also written to <c>PATH.receipt.json</c>.</returns>
    /// <exception cref="WeightsException">ONNX Runtime refuses the file or predicts something else; nothing is left behind.</exception>
    public static JsonObject Write(ModelFolder model, string path, ModelRows rows, int opset = 21)
    {
        var graph = ModelGraph.WithPreprocessing(model.Network, model.Encoder, model.Task);
        var draft = path + ".unproven";
        try
        {
            OnnxWriter.Write(graph, draft, new OnnxWriteOptions { Opset = opset });
            var sample = rows.Rows > MaxRows ? rows.Select([.. Enumerable.Range(0, MaxRows).Select(i => (int)((long)i * rows.Rows / MaxRows))]) : rows;
            var receipt = Prove(model, graph, draft, sample);
            File.Move(draft, path, overwrite: true);
            receipt["opset"] = opset;
            receipt["weightsSha256"] = model.WeightsSha256;
            RunFolder.WriteObject(path + ".receipt.json", receipt);
            return receipt;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static JsonObject Prove(ModelFolder model, Graph graph, string file, Table rows)
    {
        using var predictor = new Predictor(model);
        var expected = predictor.Predict(rows);
        float[] actual;
        int? agree = null;
        try
        {
            using var session = new InferenceSession(file);
            using var results = session.Run([.. graph.Inputs.Select(i => Feed(i, rows))]);
            actual = [.. results.First(r => r.Name == graph.Outputs[^1].Name).AsTensor<float>()];
            agree = Agreeing(expected, results.First(r => r.Name == graph.Outputs[0].Name));
        }
        catch (OnnxRuntimeException e)
        {
            throw new WeightsException($"ONNX Runtime cannot run the exported graph, so it was not kept: {e.Message}", e);
        }
        double largest = 0, scale = 1;
        for (var i = 0; i < actual.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)actual[i] - expected.Values[i]));
            scale = Math.Max(scale, Math.Abs(expected.Values[i]));
        }
        if (actual.Length != expected.Values.Length || !(largest <= Tolerance * scale))
        {
            throw new WeightsException(string.Create(CultureInfo.InvariantCulture,
                $"The exported graph predicts something else than the model: the largest difference on {rows.Rows} rows is {largest:E2}, the limit {Tolerance * scale:E0}. It was not kept; please report this."));
        }
        return new JsonObject
        {
            ["runtime"] = "onnxruntime " + OrtEnv.Instance().GetVersionString(),
            ["rows"] = rows.Rows,
            ["source"] = rows.Source,
            ["largestDifference"] = largest,
            ["limit"] = Tolerance * scale,
            ["sameLabels"] = agree,
        };
    }

    /// <summary>Rows whose predicted class or labels are the same; null for regression.</summary>
    private static int? Agreeing(PredictionTable expected, NamedOnnxValue output)
    {
        if (expected.Task is Classification)
        {
            string[] labels = [.. output.AsTensor<string>()];
            return Enumerable.Range(0, expected.Rows).Count(row => labels[row] == expected.Label(row));
        }
        if (expected.Task is not MultiLabelClassification task) return null;
        long[] flags = [.. output.AsTensor<long>()];
        return Enumerable.Range(0, expected.Rows).Count(row => Enumerable.Range(0, task.Labels.Count)
            .All(k => flags[row * task.Labels.Count + k] == (expected.Row(row)[k] >= MultiLabelClassification.Threshold ? 1 : 0)));
    }

    /// <summary>One graph input's values for all rows.</summary>
    private static NamedOnnxValue Feed(ValueInfo input, Table rows)
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
