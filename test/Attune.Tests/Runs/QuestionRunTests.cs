using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Export;
using Attune.Losses;
using Attune.Metrics;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Tests.Runs;

/// <summary>The whole way of questions about texts: tune, judge, predict, export, tune again.</summary>
public sealed class QuestionRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-questions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_reader_learns_answers_judges_as_SQuAD_does_and_writes_its_predictions()
    {
        var data = SmallQuestions.Write(_folder);
        var run = FineTuning.Run(Options("reader", 40));
        var test = run.Evaluation!.Splits["test"];
        Assert.Equal((QuestionAnswering.TaskName, "answer_f1", "head-only"), (run.Evaluation.Task, run.Verdict!.Metric, run.Verdict.Before.Name));
        Assert.Equal(test.Rows, run.Verdict.Rows);                                     // questions, not windows
        Assert.True(test.Metrics["answer_f1"].Value > 0.6, $"{test.Metrics["answer_f1"].Value}");
        Assert.True(test.Metrics["exact_match"].Value <= test.Metrics["answer_f1"].Value);
        Assert.Equal(["question", "context"], test.WorstRows![0].Values!.Keys);
        Assert.Contains("answer F1", File.ReadAllText(Path.Combine(run.Path, "report.html")), StringComparison.OrdinalIgnoreCase);

        var output = Path.Combine(_folder, "answers.json");
        using (var predictor = Predictor.Load(run.Path, ModelEngine.CompileAny)) Assert.Equal(240, QuestionPredictionFile.Write(predictor, data, output).Questions);
        var answers = JsonNode.Parse(File.ReadAllText(output))!.AsObject();
        Assert.Equal(240, answers.Count);
        var table = SquadFile.Read(data, labelled: true);
        var right = Enumerable.Range(0, 240).Average(row => AnswerText.F1(answers[table["id"].Text(row)]!.GetValue<string>(), WordList.Read(table["answers"].Text(row))[0]));
        var evaluation = ModelEvaluation.Of(run.Path, data, null, null, new EvaluationSettings { Resamples = 100 }, []);
        Assert.Equal(right, evaluation.Report.Splits["test"].Metrics["answer_f1"].Value!.Value, 1e-12);

        using (var held = HeldOutRows.Of(run.Path, ModelFolder.Load(run.Path)))
        {
            var file = Path.Combine(_folder, "reader.onnx");
            var receipt = OnnxExport.Write(ModelFolder.Load(run.Path), file, held);
            Assert.Equal(receipt["questions"]!.GetValue<int>(), receipt["sameAnswers"]!.GetValue<int>());
            Assert.Equal(test.Metrics["answer_f1"].Value!.Value, receipt["metric"]!["value"]!.GetValue<double>(), 1e-9);   // all test questions
            using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(file);
            Assert.Equal(["end_logits", "start_logits"], session.OutputMetadata.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(["attention_mask", "input_ids", "token_type_ids"], session.InputMetadata.Keys.Order(StringComparer.Ordinal));
            receipt = OnnxExport.Write(ModelFolder.Load(run.Path), Path.Combine(_folder, "small.onnx"), held, new Attune.Graphs.Onnx.OnnxWriteOptions { Type = Attune.Graphs.DataType.Int8 });
            Assert.True(receipt["sameAnswers"]!.GetValue<int>() > 0.8 * receipt["questions"]!.GetValue<int>());
        }
        var hub = Path.Combine(_folder, "hub");
        using var rows = HeldOutRows.Of(run.Path, ModelFolder.Load(run.Path));
        Assert.True(HuggingFaceExport.Write(ModelFolder.Load(run.Path), hub, rows)["largestDifference"]!.GetValue<double>() < 1e-3);
        Assert.Equal("BertForQuestionAnswering", JsonNode.Parse(File.ReadAllText(Path.Combine(hub, "config.json")))!["architectures"]![0]!.GetValue<string>());
        var again = FineTuning.Run(Options("again", 1) with { Model = new ModelOptions { Path = run.Path }, Data = new DataOptions { Path = data } });
        Assert.Equal(run.Verdict.After.Value!.Value, again.Verdict!.Before.Value!.Value, 1e-6);
        Assert.Equal(hub, FineTuning.Run(Options("kept", 1) with { Model = new ModelOptions { Path = hub } }).Verdict!.Before.Name);   // the head of the folder is kept
        var error = Assert.Throws<OptionsException>(() => FineTuning.Run(Options("other", 1) with { Model = new ModelOptions { Path = run.Path }, Data = new DataOptions { Path = data, Task = "token-classification" } }));
        Assert.Contains("answers questions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_without_an_answer_are_learned_and_the_threshold_decides()
    {
        SmallQuestions.Write(_folder, 60, impossible: true);
        RunOptions With(double threshold) => Options(FormattableString.Invariant($"v2 {threshold}"), 2) with { Text = new TextOptions { MaxLength = 30, DocStride = 8, NoAnswerThreshold = threshold } };
        double Answered(double threshold)
        {
            var run = FineTuning.Run(With(threshold));
            using var predictor = Predictor.Load(run.Path, ModelEngine.CompileAny);
            Assert.False(((QuestionAnswering)predictor.Task).AnswersAlways);
            return QuestionPredictionFile.Write(predictor, Path.Combine(_folder, "questions.json"), Path.Combine(_folder, "out.json")).Answered;
        }
        Assert.Equal(0, Answered(-1000));
        Assert.Equal(120, Answered(1000));
    }

    [Fact]
    public void The_threshold_is_fitted_on_validation_rows()
    {
        Assert.Equal(1.5, AnswerThreshold.Best([(1, 0.5), (2, -1), (-3, 1), (4, -1)]));                // answers gain up to a lack of 1, cost from 2 on
        Assert.Equal(0, AnswerThreshold.Best([(-1, 1), (-2, 0.3)]));                                  // every answer gains: nothing to move
        Assert.Equal(0, AnswerThreshold.Best([(1, -1), (2, -1)]));
        Assert.Equal(-4, AnswerThreshold.Best([(-3, -1), (2, -1)]));                                  // none should be answered
        Assert.Equal(0, AnswerThreshold.Best([]));
        SmallQuestions.Write(_folder, 120, impossible: true);
        var options = Options("fitted", 12) with { Text = new TextOptions { MaxLength = 30, DocStride = 8 } };
        var run = FineTuning.Run(options);
        var threshold = ((QuestionAnswering)ModelFolder.Load(run.Path).Task).Threshold;
        Assert.Equal(threshold, RunFolder.Open(run.Path).ReadRun()["chosen"]!["no-answer-threshold"]!.GetValue<double>());
        double Validation(double given) => FineTuning.Run(options with { Out = Path.Combine(_folder, FormattableString.Invariant($"at {given}")), Text = options.Text with { NoAnswerThreshold = given } }).Evaluation!.Splits["validation"].Metrics["answer_f1"].Value!.Value;
        var fitted = run.Evaluation!.Splits["validation"].Metrics["answer_f1"].Value!.Value;
        Assert.Equal(fitted, Validation(threshold), 1e-9);
        Assert.All(new[] { 0, threshold - 1, threshold + 1 }, other => Assert.True(Validation(other) <= fitted + 1e-9, $"{other}"));
    }

    [Fact]
    public void A_stopped_reader_goes_on_to_the_same_bits()
    {
        SmallQuestions.Write(_folder, 30);
        var options = Options("whole", 2) with { Training = new TrainingOptions { Epochs = 2, CheckpointSeconds = 0 } };
        FineTuning.Run(options);
        var run = Path.Combine(_folder, "stopped");
        Assert.False(ResumeTests.Stopped(3, r => FineTuning.Run(options with { Out = run }, r)).Completed);
        Assert.True(FineTuning.Resume(run).Completed);
        Assert.Equal(SmallTables.Results(Path.Combine(_folder, "whole")), SmallTables.Results(run));
    }

    [Fact]
    public void Windows_overlap_hold_the_answer_where_it_lies_whole_and_point_at_the_first_token_elsewhere()
    {
        SmallTexts.WriteTokenizer(Path.Combine(_folder, "tokenizer.json"));
        var inputs = new TextInputs(Tokenizer.Load(_folder), [], new TextSettings(12, new TokenPadding(0, 12), Attune.Models.Text.FreshBert.Fields));
        const string context = "the coffee was very good and my dog was not bad today";
        var file = Path.Combine(_folder, "one.json");
        File.WriteAllText(file, $$$"""{"data": [{"paragraphs": [{"context": "{{{context}}}", "qas": [{"id": "a", "question": "dog was", "answers": [{"text": "not bad", "answer_start": {{{context.IndexOf("not", StringComparison.Ordinal)}}}}]}]}]}]}""");
        var table = SquadFile.Read(file, labelled: true);
        var set = QuestionWindows.Encode(inputs, new QuestionAnswering(3, 30, true, 0), table);
        // [CLS] dog was [SEP] and [SEP] leave 7 of 12 tokens; windows share 3: words 0–6, 4–10, 8–11.
        Assert.Equal((3, 12 + 12 + 9), (set.Rows, set.Units));
        var (labels, windows) = (set.Targets!.Labels!, set.Targets.Windows!);
        int At(int window, int mark) => Enumerable.Range(0, set.UnitsOf(window).Count).Single(t => (labels[set.UnitsOf(window).Start + t] & mark) != 0);
        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(w => At(w, SpanCrossEntropy.First)));
        Assert.Equal([(0, 0), (9, 10), (5, 6)], Enumerable.Range(0, 3).Select(w => (At(w, SpanCrossEntropy.Start), At(w, SpanCrossEntropy.End))));
        // Scores that are right give the answer, of whichever window; other windows and the question do not answer.
        var scores = new float[2 * set.Units];
        (scores[2 * (12 + 9)], scores[2 * (12 + 10) + 1]) = (5, 5);
        scores[2 * 1] = scores[2 * 1 + 1] = 50;
        Assert.Equal(["not bad"], new QuestionAnswering(3, 30, true, 0).Answer(windows, scores));
        Assert.Equal(["not"], new QuestionAnswering(3, 1, true, 0).Answer(windows, scores).Select(a => a.Split(' ')[0]));
        Assert.Equal(["not bad"], new QuestionAnswering(3, 30, false, 0).Answer(windows, scores));
        Assert.Equal([""], new QuestionAnswering(3, 30, false, -11).Answer(windows, scores));
        Assert.Equal(["", "not bad"], Enumerable.Range(0, 2).Select(i => new QuestionAnswering(3, 30, false, 0).Answer(windows, [.. scores.Select((s, u) => i == 0 && (u == 2 * windows.Nulls[0] || u == 2 * windows.Nulls[1] || u == 2 * windows.Nulls[2]) ? 20 : s)])[0]));
        Assert.Contains("leaves too little room", Assert.Throws<DataFormatException>(() => QuestionWindows.Encode(inputs with { Settings = inputs.Settings with { MaxLength = 6 } }, new QuestionAnswering(3, 30, true, 0), table)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data": 3}""", "no list \"data\"")]
    [InlineData("""[1, 2]""", "no list \"data\"")]
    [InlineData("""{"data": []}""", "no question")]
    [InlineData("""{"data": [{"paragraphs": [{"context": "the tea", "qas": [{"id": "a"}]}]}]}""", "no text \"question\"")]
    [InlineData("""{"data": [{"paragraphs": [{"context": "the tea", "qas": [{"id": "a", "question": "q", "answers": [{"text": "box", "answer_start": 0}]}]}]}]}""", "does not stand in its text")]
    [InlineData("""{"data": [{"paragraphs": [{"context": "the tea", "qas": [{"id": "a", "question": "q", "answers": [{"text": "tea", "answer_start": "x"}]}]}]}]}""", "whole number")]
    [InlineData("""{"data": [{"paragraphs": [{"context": "the tea", "qas": [{"id": "a", "question": "q", "answers": []}, {"id": "a", "question": "q", "answers": []}]}]}]}""", "stands twice")]
    [InlineData("""{"data": [{"paragraphs": [{"context": "\ud800", "qas": []}]}]}""", "cannot be read")]
    [InlineData("""{"data": [""", "no JSON")]
    public void A_file_that_is_no_SQuAD_is_refused_with_the_place(string json, string message)
    {
        var file = Path.Combine(_folder, "bad.json");
        File.WriteAllText(file, json);
        Assert.Contains(message, Assert.Throws<DataFormatException>(() => SquadFile.Read(file, labelled: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Offsets_are_code_points_and_near_misses_are_put_right()
    {
        var file = Path.Combine(_folder, "offsets.json");
        File.WriteAllText(file, """{"data": [{"paragraphs": [{"context": "😀😀 tea and tea", "qas": [{"id": "a", "question": "q", "answers": [{"text": "tea", "answer_start": 11}]}, {"id": "b", "question": "q", "answers": [{"text": "tea", "answer_start": 4}, {"text": "tea", "answer_start": -7}]}, {"id": "c", "question": "q", "answers": [], "is_impossible": true}]}]}]}""");
        var table = SquadFile.Read(file, labelled: true);
        Assert.Equal(["[\"13\"]", "[\"5\",\"5\"]", "[]"], Enumerable.Range(0, 3).Select(table[QuestionColumns.Starts].Text));
        Assert.Contains("2 answers", Assert.Single(table.Notices), StringComparison.Ordinal);
        Assert.False(SquadFile.Read(file, labelled: false).TryGet(QuestionColumns.Answers, out _));
    }

    [Theory]
    [InlineData("The Cat, sat!", "cat sat", 1, 1)]
    [InlineData("a cat", "the dog", 0, 0)]
    [InlineData("big red cat", "red cat", 0, 0.8)]
    [InlineData("", "", 1, 1)]
    [InlineData("the", "", 1, 1)]
    [InlineData("cat", "", 0, 0)]
    [InlineData("cat cat", "cat", 0, 2.0 / 3)]
    public void Answers_are_compared_as_the_official_script_does(string answer, string truth, double exact, double f1)
    {
        Assert.Equal(exact, AnswerText.ExactMatch(answer, truth));
        Assert.Equal(f1, AnswerText.F1(answer, truth), 1e-12);
        var scores = new AnswerScores(["q"], [truth.Length == 0 ? [""] : [truth, "something else entirely"]], [answer]);   // the nearest counts
        Assert.Equal(f1, new AnswerF1().Compute(scores).Value!.Value, 1e-12);
    }

    [Theory]
    [InlineData("target", "--target")]
    [InlineData("nothing", "model.path")]
    [InlineData("onnx", "cannot answer questions")]
    [InlineData("smoothing", "objective.label-smoothing")]
    [InlineData("empty", "nothing to learn")]
    public void What_contradicts_questions_is_refused(string what, string message)
    {
        var data = SmallQuestions.Write(_folder, 10);
        var options = Options("bad", 1);
        options = what switch
        {
            "target" => options with { Data = options.Data with { Target = "answers" } },
            "nothing" => options with { Model = new ModelOptions() },
            "onnx" => options with { Model = new ModelOptions { Path = SmallTexts.WriteEncoder(_folder) } },
            "smoothing" => options with { Objective = new ObjectiveOptions { LabelSmoothing = 0.1 } },
            _ => options,
        };
        if (what == "empty") File.WriteAllText(data, """{"data": [{"paragraphs": [{"context": "the tea", "qas": [{"id": "a", "question": "q", "answers": []}]}]}]}""");
        var error = Assert.ThrowsAny<Exception>(() => FineTuning.Run(options));
        Assert.True(error is OptionsException or DataFormatException, error.ToString());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private RunOptions Options(string name, int epochs) => new()
    {
        Out = Path.Combine(_folder, name),
        Data = new DataOptions { Path = Path.Combine(_folder, "questions.json"), Task = QuestionAnswering.TaskName },
        Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(_folder, "bert")) },
        Training = new TrainingOptions { Epochs = epochs, LearningRate = 3e-3 },
        Text = new TextOptions { MaxLength = 30, DocStride = 8 },
        Evaluation = new EvaluationOptions { Resamples = 100 },
    };
}
