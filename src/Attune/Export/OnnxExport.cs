using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Metrics;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Microsoft.ML.OnnxRuntime;

namespace Attune.Export;

/// <summary>
/// One ONNX file that takes raw table columns, decoded pictures or token ids (the tokenizer stands beside it) and gives <c>label</c> and <c>probabilities</c>, <c>predictions</c> and <c>probabilities</c> for several labels,
/// <c>probabilities</c> of every token for tags, <c>start_logits</c> and <c>end_logits</c> for answers,
/// or <c>prediction</c>. It is run by ONNX Runtime on real rows before it is kept; the receipt stands beside it.
/// </summary>
public static class OnnxExport
{
    /// <summary>Largest difference of a probability, or of a value relative to the largest one, that counts as equal.</summary>
    public const double Tolerance = 1e-4;

    // Half precision keeps 11 bits: logits move by about a thousandth of their size.
    private const double HalfTolerance = 2e-2;

    // ONNX Runtime rounds resized pixels in another order than Pillow: a few are off by one of 255.
    private const double PixelTolerance = 1e-2;

    private const int MaxRows = 2_000, MaxImages = 64, MaxTexts = 256, MaxTextsOfIntegers = 1_024;

    // A metric that loses more than this share of itself, or of its distance from 1, is worth a warning.
    private const double NoticeableLoss = 0.005;

    /// <summary>Writes and proves the file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The .onnx file to write.</param>
    /// <param name="rows">Rows to compare on; at most 2,000 of a table, 256 texts and 64 pictures are used. With targets the receipt has the metric too.</param>
    /// <param name="options">Operator set, folded BatchNormalization, float16.</param>
    /// <returns>The receipt, also written to <c>PATH.receipt.json</c>.</returns>
    /// <exception cref="WeightsException">ONNX Runtime refuses the file or predicts something else; nothing is left behind.</exception>
    /// <exception cref="OptionsException">The operator set is too old for what the file does.</exception>
    public static JsonObject Write(ModelFolder model, string path, ModelRows rows, OnnxWriteOptions? options = null)
    {
        options ??= new OnnxWriteOptions();
        var graph = model.Inputs switch
        {
            ImageInputs images => ModelGraph.WithPreprocessing(model.Network, images.Preprocessing, model.Task),
            TextInputs { Settings: var text } when model.Task is TokenClassification or QuestionAnswering => ModelGraph.WithTokenOutputs(model.Network, model.Task,
                text.Fields.First(f => f.Value == TokenField.Selected).Key, text.Fields.First(f => f.Value == TokenField.Ids).Key),
            TextInputs => ModelGraph.WithOutputs(model.Network, model.Task),
            _ => ModelGraph.WithPreprocessing(model.Network, model.Encoder, model.Task),
        };
        if (options.Opset < 18 && graph.Nodes.Any(n => n.Operator == "Resize")) throw new OptionsException($"--opset: {options.Opset} has no antialiased Resize, which the preprocessing of pictures needs; 18 and newer have.");
        var (target, folder) = (Path.GetFullPath(path), "");
        try
        {
            // Under its own name in a folder beside the target: weights beyond 2 GB stand in a second file, whose name the graph holds.
            folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(target)!, $".attune-{Guid.NewGuid():N}.tmp")).FullName;
            var draft = Path.Combine(folder, Path.GetFileName(target));
            try { OnnxWriter.Write(graph, draft, options); }
            catch (ArgumentException e) when (options.Type == DataType.Int8) { throw new OptionsException($"--type: {e.Message}"); }
            var most = model.Inputs switch { ImageInputs => MaxImages, TextInputs => options.Type == DataType.Int8 ? MaxTextsOfIntegers : MaxTexts, _ => MaxRows };
            var sample = SampleOf(rows.Set, most);
            var tolerance = options.Type switch { DataType.Float16 => HalfTolerance, DataType.Int8 => double.PositiveInfinity, _ => Tolerance };   // integers are judged by their metric
            JsonObject receipt;
            if (model.Inputs is ImageInputs { Preprocessing: var given } && ModelGraph.ResizesInside(given))
            {
                // Proven twice: the network alone on pictures that were resized as in training, then the whole file on pictures as they are.
                var ready = given with { ResizeShorterSide = null, ResizeHeight = null, ResizeWidth = null };
                var inner = ModelGraph.WithPreprocessing(model.Network, ready, model.Task);
                var innerFile = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "network")).FullName, "network.onnx");
                OnnxWriter.Write(inner, innerFile, options);
                var alone = Prove(model, inner, innerFile, rows, sample, tolerance, ExportFeeder.OfImages(rows, given, resized: true));
                receipt = Prove(model, graph, draft, rows, sample, Math.Max(tolerance, PixelTolerance), ExportFeeder.OfImages(rows, given, resized: false));
                receipt["networkDifference"] = alone["largestDifference"]!.DeepClone();
                receipt["networkLimit"] = alone["limit"]!.DeepClone();
            }
            else receipt = Prove(model, graph, draft, rows, sample, tolerance, model.Inputs switch
            {
                ImageInputs images => ExportFeeder.OfImages(rows, images.Preprocessing, resized: true),
                TextInputs => ExportFeeder.OfTokens(rows.Set, graph),
                _ => ExportFeeder.OfTable(rows.Table, graph),
            });
            receipt["bytes"] = Directory.GetFiles(folder).Sum(f => new FileInfo(f).Length);
            if (model.Inputs is TextInputs text) SaveTokenizer(text, folder, target);
            foreach (var file in Directory.GetFiles(folder).OrderByDescending(f => f.Length)) File.Move(file, Path.Combine(Path.GetDirectoryName(target)!, Path.GetFileName(file)), overwrite: true);
            receipt["opset"] = options.Opset;
            receipt["type"] = options.Type.ToString();
            if (options.Type == DataType.Int8) receipt["fp32Bytes"] = model.Network.Weights.All.Sum(w => w.Value.Data.ByteLength);
            receipt["weightsSha256"] = model.WeightsSha256;
            RunFolder.WriteObject(path + ".receipt.json", receipt);
            return receipt;
        }
        finally
        {
            if (folder.Length > 0) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Puts the tokenizer beside the file where Attune finds it: <c>NAME.tokenizer.json</c>, or the vocabulary's files.</summary>
    private static void SaveTokenizer(TextInputs text, string folder, string target)
    {
        var aside = Directory.CreateDirectory(Path.Combine(folder, "tokenizer")).FullName;
        text.Tokenizer.Save(aside);
        var whole = Path.Combine(aside, "tokenizer.json");
        if (File.Exists(whole)) File.Move(whole, Path.Combine(folder, Path.GetFileNameWithoutExtension(target) + ".tokenizer.json"));
        else foreach (var file in Directory.GetFiles(aside)) File.Move(file, Path.Combine(folder, Path.GetFileName(file)));   // vocab.txt and the like have names of their own
    }

    /// <summary>An even sample of rows; windows of whole questions.</summary>
    private static int[] SampleOf(EncodedSet set, int most)
    {
        if (set.Targets?.Windows is not { } windows)
        {
            var count = Math.Min(set.Rows, most);
            return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * set.Rows / count))];
        }
        var questions = Math.Max(1, (int)Math.Min(windows.Questions, (long)most * windows.Questions / Math.Max(1, set.Rows)));
        return [.. Enumerable.Range(0, questions).Select(i => (int)((long)i * windows.Questions / questions)).SelectMany(q => Enumerable.Range(windows.WindowStarts[q], windows.WindowStarts[q + 1] - windows.WindowStarts[q]))];
    }

    private static JsonObject Prove(ModelFolder model, Graph graph, string file, ModelRows rows, int[] sample, double tolerance, ExportFeeder feeder)
    {
        using var predictor = new Predictor(model, ModelEngine.CompileAny);
        var expected = new PredictionTable(model.Task, predictor.Predict(rows.Set, sample), new EncodingCounts(sample.Length, []));
        float[] actual;
        int? agree = null;
        try
        {
            using var session = new InferenceSession(file);
            (actual, agree) = feeder.Run(session, graph, sample, expected);
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
        if (actual.Length != expected.Values.Length || !(largest <= tolerance * scale))
        {
            throw new WeightsException(string.Create(CultureInfo.InvariantCulture,
                $"The exported graph predicts something else than the model: the largest difference on {sample.Length} rows is {largest:E2}, the limit {tolerance * scale:E0}. It was not kept; please report this."));
        }
        var receipt = new JsonObject
        {
            ["runtime"] = "onnxruntime " + OrtEnv.Instance().GetVersionString(),
            ["rows"] = sample.Length,
            ["source"] = rows.Table.Source,
            ["largestDifference"] = largest,
            ["limit"] = tolerance * scale,
            ["sameLabels"] = agree,
        };
        if (double.IsInfinity(tolerance)) receipt["limit"] = null;
        if (model.Task is QuestionAnswering reader)
        {
            var windows = rows.Set.Targets!.Windows!.Of(sample);
            receipt["questions"] = windows.Questions;
            receipt["sameAnswers"] = reader.Answer(windows, actual).Zip(reader.Answer(windows, expected.Values)).Count(a => a.First == a.Second);
        }
        if (rows.Set.Targets is not { } targets || targets is { Windows.Answers: null } && model.Task is QuestionAnswering) return receipt;
        receipt["metric"] = MetricOf(model.Task, rows, sample, actual);
        if (!double.IsInfinity(tolerance)) return receipt;
        receipt["metricBefore"] = MetricOf(model.Task, rows, sample, expected.Values);
        if (Warning(receipt, MetricCatalog.Find(model.Task.DefaultMetric)!.HigherIsBetter) is { } warning) receipt["warning"] = warning;
        return receipt;
    }

    private static string? Warning(JsonObject receipt, bool higherIsBetter)
    {
        var (before, after) = (receipt["metricBefore"]!["value"]!.GetValue<double>(), receipt["metric"]!["value"]!.GetValue<double>());
        var lost = higherIsBetter ? before - after : after - before;
        return lost <= NoticeableLoss * Math.Abs(before) ? null : string.Create(CultureInfo.InvariantCulture,
            $"8-bit integers cost {receipt["metric"]!["name"]}: {before:0.####} in fp32, {after:0.####} now, on {receipt["rows"]} held-out rows. Use --type fp16 or fp32 where that matters.");
    }

    /// <summary>The task's default metric of predictions, with its interval.</summary>
    private static JsonObject MetricOf(LearningTask task, ModelRows rows, int[] sample, float[] predictions)
    {
        var table = task is QuestionAnswering ? null : rows.Table.Select(sample);
        var scores = table is null ? ScoredSet.Of(task, rows.Set.Targets!.With(rows.Set.Targets!.Windows!.Of(sample)), predictions) : ScoredSet.Of(task, task.Encode(table), predictions, (task as Regression)?.Values(table));
        var metric = Evaluator.Evaluate(scores, new EvaluationSettings { Threads = Environment.ProcessorCount }).Metrics[task.DefaultMetric];
        return new JsonObject
        {
            ["name"] = task.DefaultMetric,
            ["value"] = metric.Value,
            ["low"] = metric.Interval?.Low,
            ["high"] = metric.Interval?.High,
        };
    }
}
