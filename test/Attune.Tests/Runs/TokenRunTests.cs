using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Export;
using Attune.Graphs.Onnx;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;

namespace Attune.Tests.Runs;

/// <summary>The whole way of tagged texts: tune, judge, predict, export, tune again.</summary>
public sealed class TokenRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-tokens-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_tagger_learns_what_no_single_word_tells_and_answers_in_the_shape_that_came_in()
    {
        var data = SmallTexts.WriteTagged(_folder);
        var run = FineTuning.Run(Options(SmallTexts.WriteBert(Path.Combine(_folder, "bert")), "ner"));
        var test = run.Evaluation!.Splits["test"];
        Assert.Equal(TokenClassification.TaskName, run.Evaluation.Task);
        Assert.Equal(["O", "B-COMPLAINT", "B-OWN", "I-COMPLAINT", "I-OWN"], run.Evaluation.Classes!);
        Assert.Equal("entity_f1", run.Verdict!.Metric);
        Assert.Equal(test.Rows, run.Verdict.Rows);                      // sentences, not words
        Assert.True(test.Metrics["entity_f1"].Value > 0.75, $"{test.Metrics["entity_f1"].Value}");
        Assert.True(test.Metrics["entity_f1"].Interval is { } interval && interval.Low <= test.Metrics["entity_f1"].Value);
        Assert.Equal(["text"], test.WorstRows![0].Values!.Keys);
        Assert.Equal(test.WorstRows[0].Truth.Count(c => c == ' '), test.WorstRows[0].Prediction.Count(c => c == ' '));
        Assert.Contains("entity F1", File.ReadAllText(Path.Combine(run.Path, "report.html")), StringComparison.OrdinalIgnoreCase);
        Predictions(run.Path, data);
        Exports(run);
        Again(run);
        var hub = Path.Combine(_folder, "hub");
        using var rows = HeldOutRows.Of(run.Path, ModelFolder.Load(run.Path));
        Assert.True(HuggingFaceExport.Write(ModelFolder.Load(run.Path), hub, rows)["largestDifference"]!.GetValue<double>() < 1e-4);
        Assert.Equal("BertForTokenClassification", JsonNode.Parse(File.ReadAllText(Path.Combine(hub, "config.json")))!["architectures"]![0]!.GetValue<string>());
    }

    private void Predictions(string run, string data)
    {
        using var predictor = Predictor.Load(run, ModelEngine.CompileAny);
        var output = Path.Combine(_folder, "out.jsonl");
        var predictions = TokenPredictionFile.Write(predictor, data, output, probabilities: true);
        var (given, made) = (File.ReadAllLines(data), File.ReadAllLines(output));
        Assert.Equal(given.Length, made.Length);
        Assert.Equal(given.Length, predictions.Counts.Rows);
        var (right, all) = (0, 0);
        for (var row = 0; row < given.Length; row++)
        {
            var (truth, answer) = (JsonNode.Parse(given[row])!, JsonNode.Parse(made[row])!);
            if (truth["tokens"] is not null)
            {
                Assert.True(JsonNode.DeepEquals(truth["tokens"], answer["tokens"]));
                Assert.Equal(truth["tags"]!.AsArray().Count, answer["tags"]!.AsArray().Count);
                Assert.All(answer["probabilities"]!.AsArray(), p => Assert.InRange(p!.GetValue<double>(), 0.15, 1.00001));
                right += JsonNode.DeepEquals(truth["tags"], answer["tags"]) ? 1 : 0;
            }
            else
            {
                Assert.Equal(truth["text"]!.GetValue<string>(), answer["text"]!.GetValue<string>());
                string Spans(JsonNode row) => string.Join(' ', row["entities"]!.AsArray().Select(e => $"{e!["label"]}:{e["start"]}-{e["end"]}"));
                right += Spans(truth) == Spans(answer) ? 1 : 0;
            }
            all++;
        }
        Assert.True(right > 0.5 * all, $"{right} of {all}");
        // What it wrote can be read as data again.
        Assert.Equal(all, ModelEvaluation.Of(run, output, null, null, new EvaluationSettings { Resamples = 100 }, []).Report.Splits["test"].Rows);
    }

    private void Exports(RunResult run)
    {
        var model = ModelFolder.Load(run.Path);
        using var rows = HeldOutRows.Of(run.Path, model);
        var file = Path.Combine(_folder, "tagger.onnx");
        var receipt = OnnxExport.Write(model, file, rows);
        Assert.Equal(rows.Set.Rows, receipt["sameLabels"]!.GetValue<int>());
        Assert.True(receipt["largestDifference"]!.GetValue<double>() < 1e-4);
        Assert.Equal(run.Evaluation!.Splits["test"].Metrics["entity_f1"].Value!.Value, receipt["metric"]!["value"]!.GetValue<double>(), 1e-9);
        var graph = OnnxReader.Read(file);
        Assert.Equal(["attention_mask", "input_ids", "token_type_ids"], graph.Inputs.Select(i => i.Name).Order(StringComparer.Ordinal));
        Assert.Equal(3, Assert.Single(graph.Outputs).Shape!.Rank);
        Assert.Equal("""["O","B-COMPLAINT","B-OWN","I-COMPLAINT","I-OWN"]""", graph.Metadata[ModelGraph.LabelsKey]);
        Assert.True(File.Exists(Path.Combine(_folder, "tagger.tokenizer.json")));
    }

    private void Again(RunResult run)
    {
        // The task need not be said again, the same rows stay the test split, and the earlier model is what it is compared with.
        var again = FineTuning.Run(Options(run.Path, "again") with { Data = new DataOptions { Path = Path.Combine(_folder, "tokens.jsonl") }, Training = new TrainingOptions { Epochs = 1 } });
        Assert.Equal(run.Verdict!.After.Value!.Value, again.Verdict!.Before.Value!.Value, 1e-6);
        var error = Assert.Throws<OptionsException>(() => FineTuning.Run(Options(run.Path, "other") with { Data = new DataOptions { Path = Path.Combine(_folder, "tokens.jsonl"), Task = "classification", Target = "intent" } }));
        Assert.Contains("tags words", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_alone_over_an_encoder_in_ONNX_is_compared_with_what_words_alone_tell()
    {
        SmallTexts.WriteTagged(_folder);
        var run = FineTuning.Run(Options(SmallTexts.WriteEncoder(_folder, pooled: false), "head") with { Method = new MethodOptions { Name = "head" }, Training = new TrainingOptions { Epochs = 3 } });
        Assert.Equal(["majority", "majority-by-word"], run.Evaluation!.Baselines.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(0, run.Evaluation.Baselines["majority"].Splits["test"].Metrics["entity_f1"].Value);
        Assert.True(run.Evaluation.Baselines["majority-by-word"] is { Chosen: true } words && words.Splits["test"].Metrics["token_accuracy"].Value > 0.6);
        var error = Assert.Throws<WeightsException>(() => FineTuning.Run(Options(SmallTexts.WriteEncoder(_folder, pooled: true), "pooled")));
        Assert.Contains("--head-at", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_tagger_goes_on_to_the_same_bits()
    {
        SmallTexts.WriteTagged(_folder, 80);
        var options = Options(SmallTexts.WriteBert(Path.Combine(_folder, "bert")), "whole") with { Training = new TrainingOptions { Epochs = 2, CheckpointSeconds = 0 } };
        FineTuning.Run(options);
        var run = Path.Combine(_folder, "stopped");
        Assert.False(ResumeTests.Stopped(3, r => FineTuning.Run(options with { Out = run }, r)).Completed);
        Assert.True(FineTuning.Resume(run).Completed);
        Assert.Equal(SmallTables.Results(Path.Combine(_folder, "whole")), SmallTables.Results(run));
    }

    [Theory]
    [InlineData("target", "--target")]
    [InlineData("table", "name a text encoder")]
    [InlineData("outside", "nothing to learn")]
    public void What_contradicts_tagging_is_refused(string what, string message)
    {
        var data = SmallTexts.WriteTagged(_folder, 20);
        var options = Options(SmallTexts.WriteBert(Path.Combine(_folder, "bert")), "bad");
        if (what == "target") options = options with { Data = options.Data with { Target = "intent" } };
        if (what == "table") options = options with { Model = new ModelOptions() };
        if (what == "outside") File.WriteAllLines(data, Enumerable.Repeat("""{"tokens": ["my", "dog"], "tags": ["O", "O"]}""", 20));
        var error = Assert.ThrowsAny<Exception>(() => FineTuning.Run(options));
        Assert.True(error is OptionsException or DataFormatException, error.ToString());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private RunOptions Options(string model, string name) => new()
    {
        Out = Path.Combine(_folder, name),
        Data = new DataOptions { Path = Path.Combine(_folder, "tokens.jsonl"), Task = TokenClassification.TaskName },
        Model = new ModelOptions { Path = model },
        Training = new TrainingOptions { Epochs = 40, LearningRate = 3e-3 },
        Evaluation = new EvaluationOptions { Resamples = 200 },
    };
}
