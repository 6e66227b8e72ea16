using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Engines;
using Attune.Graphs;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Attune.Weights;

namespace Attune.Export;

/// <summary>
/// A tuned text model as a Hugging Face folder, which transformers loads as it is: configuration with the classes, safetensors under upstream's names, the tokenizer's files and
/// the model card. The folder is read again and predicts held-out rows before it is kept; the receipt stands in it.
/// </summary>
public static class HuggingFaceExport
{
    /// <summary>Name of the receipt in the folder.</summary>
    public const string Receipt = "attune-receipt.json";

    private const double Tolerance = 1e-4, HalfTolerance = 2e-2;
    private const int MaxRows = 256;

    /// <summary>Writes and proves the folder.</summary>
    /// <param name="model">A model that started from a Hugging Face folder.</param>
    /// <param name="folder">Receives the files; must not exist or be empty.</param>
    /// <param name="rows">Rows to compare on; at most 256 are used.</param>
    /// <param name="type">Type of the written weights: float, bfloat16 or float16.</param>
    /// <param name="card">README.md of the model folder; null for none.</param>
    /// <returns>The receipt.</returns>
    /// <exception cref="OptionsException">The model did not start from a Hugging Face folder, or its task has no form there.</exception>
    /// <exception cref="WeightsException">The folder predicts something else; nothing is left behind.</exception>
    public static JsonObject Write(ModelFolder model, string folder, ModelRows rows, DataType type = DataType.Float, string? card = null)
    {
        if (model.Upstream is not { } upstream || model.Inputs is not TextInputs text)
            throw new OptionsException("--format: safetensors writes a Hugging Face folder, and this model did not start from one. Export it with --format onnx.");
        if (model.Task is Regression { IsLogarithmic: true }) throw new OptionsException("--format: safetensors: upstream's regression head has no logarithm, which this model's loss puts behind it. Export with --format onnx.");
        if (StayingAdapters.Of(model.Network) is [var added, ..]) throw new OptionsException($"--format: safetensors: this model was trained with a method whose weights stay in the network ('{added}'), and upstream's network has no place for them. Export with --format onnx{(added == StayingAdapters.Prompt ? ", or peft" : "")}.");
        return DraftFolder.Write(folder, draft =>
        {
            upstream = (JsonObject)upstream.DeepClone();
            var sentence = upstream[HuggingFaceStart.SentenceKey];
            upstream.Remove(HuggingFaceStart.SentenceKey);
            if (sentence is not null && model.Task is not SentenceEmbedding) throw new OptionsException("--format: safetensors: this model's head reads the pooled vector of a sentence, for which transformers has no form. Export with --format onnx.");
            if (sentence?["dense"]?.GetValue<bool>() == true) throw new OptionsException("--format: safetensors: this encoder has a dense layer behind its pooling, which is not written back. Export with --format onnx.");
            var head = HeadOf(model.Task) with { Outputs = UpstreamHead.OutputsOf(model.Task), SelectsTokens = false };
            if (model.Task is SentenceEmbedding) head = head with { Pooling = [.. sentence!["pooling"]!.AsArray().Select(p => Enum.Parse<PoolingMode>(p!.GetValue<string>()))], Normalize = sentence["normalize"]!.GetValue<bool>() };
            var network = TextModel.Create(TextConfig.Parse(upstream.ToJsonString()), head);
            network.Save(draft, UpstreamHead.WeightsOf(model.Network, model.Task), new TextConfigChanges
            {
                Labels = model.Task.PredictionNames.Count > 0 ? model.Task.PredictionNames : null,
                ProblemType = model.Task switch { TokenClassification or MaskedLanguageModel or QuestionAnswering or SentenceEmbedding => null, Classification => "single_label_classification", MultiLabelClassification => "multi_label_classification", _ => "regression" },
                Type = type,
            });
            text.Tokenizer.Save(draft);
            if (model.Task is SentenceEmbedding) AtomicFile.WriteAllText(Path.Combine(draft, "sentence_bert_config.json"), string.Create(CultureInfo.InvariantCulture, $"{{\n  \"max_seq_length\": {text.Settings.MaxLength},\n  \"do_lower_case\": false\n}}\n"));
            if (card is not null) AtomicFile.WriteAllText(Path.Combine(draft, "README.md"), card);
            if (model.Location is { } own && model.Task is not MaskedLanguageModel) SeenRows.Load(Path.Combine(own, RunPreparation.SeenRowsFile), model.Card).Export(draft);   // texts without answers may be tested on later
            var receipt = Prove(model, draft, rows, type);
            RunFolder.WriteObject(Path.Combine(draft, Receipt), receipt);
            return receipt;
        });
    }

    private static TextLoadOptions HeadOf(LearningTask task)
        => task is QuestionAnswering ? new() { Head = TextHead.QuestionAnswering, SelectsTokens = true }
        : task is MaskedLanguageModel ? new() { Head = TextHead.MaskedLanguageModel, SelectsTokens = true }
        : task is TokenClassification ? new() { Head = TextHead.TokenClassification, SelectsTokens = true } : new() { Head = task is SentenceEmbedding ? TextHead.Embedding : TextHead.SequenceClassification };

    private static JsonObject Prove(ModelFolder model, string folder, ModelRows rows, DataType type)
    {
        var count = Math.Min(rows.Set.Rows, MaxRows);
        int[] sample = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * rows.Set.Rows / count))];
        using var predictor = new Predictor(model, ModelEngine.CompileAny);
        var expected = predictor.Predict(rows.Set, sample);
        var again = TextModel.Load(folder, HeadOf(model.Task));
        if (again.Fresh.Count > 0) throw new WeightsException($"{folder}: {again.Fresh.Count} weights were not written: {NearestName.Preview(again.Fresh)}. Nothing was kept; please report this.");
        using var network = ModelEngine.Compile(again.Graph, new CompileOptions { Output = model.Task is SentenceEmbedding ? TextModel.SentenceEmbedding : TextModel.Logits });
        var actual = new float[expected.Length];
        var (logits, at) = (Array.Empty<float>(), 0);
        foreach (var (start, length) in OutputPieces.Of(rows.Set, sample, network.OutputWidth))
        {
            var part = sample.AsSpan(start, length);
            logits = new float[rows.Set.UnitsOf(part) * network.OutputWidth];
            network.Predict(rows.Set, part, logits);
            var made = Predictions(model.Task, logits);
            made.CopyTo(actual, at);
            at += made.Length;
        }
        double largest = 0, scale = 1;
        for (var i = 0; i < actual.Length; i++) (largest, scale) = (Math.Max(largest, Math.Abs((double)actual[i] - expected[i])), Math.Max(scale, Math.Abs(expected[i])));
        var limit = (type == DataType.Float ? Tolerance : HalfTolerance) * scale;
        if (!(largest <= limit))
            throw new WeightsException(string.Create(CultureInfo.InvariantCulture, $"{folder}: The folder predicts something else than the model: the largest difference on {count} rows is {largest:E2}, the limit {limit:E0}. Nothing was kept{(type == DataType.Float ? "; please report this" : ": write it with --type fp32")}."));
        return new JsonObject { ["runtime"] = "attune, read again from the folder", ["rows"] = count, ["source"] = rows.Table.Source, ["largestDifference"] = largest, ["limit"] = limit, ["type"] = type.ToString(), ["weightsSha256"] = model.WeightsSha256 };
    }

    /// <summary>What upstream's outputs mean.</summary>
    private static float[] Predictions(LearningTask task, float[] logits)
    {
        if (task is Regression or SentenceEmbedding) return logits;
        var predictions = new float[logits.Length / (task is MaskedLanguageModel ? task.OutputWidth : task.PredictionWidth) * task.PredictionWidth];
        if (task is not Classification { Classes.Count: 2 })
        {
            task.Activate(logits, predictions);
            return predictions;
        }
        for (var i = 0; i < logits.Length; i += 2)
        {
            predictions[i] = 1 / (1 + MathF.Exp(logits[i + 1] - logits[i]));
            predictions[i + 1] = 1 / (1 + MathF.Exp(logits[i] - logits[i + 1]));
        }
        return predictions;
    }
}
