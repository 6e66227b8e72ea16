using System.Text.Json;
using Attune.Data;
using Attune.Evaluation;
using Attune.Export;
using Attune.Graphs.Onnx;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RunOptions = Attune.Options.RunOptions;

namespace Attune.Tests.Runs;

/// <summary>The whole way of several labels: tune, predict, evaluate, export, fine-tune again.</summary>
public sealed class MultiLabelRunTests(MultiLabelRunTests.Finished runs) : IClassFixture<MultiLabelRunTests.Finished>
{
    [Fact]
    public void Both_ways_of_writing_labels_learn_the_same_labels_and_beat_the_frequencies()
    {
        foreach (var (result, separator) in new[] { (runs.Columns, (string?)null), (runs.Joined, ";") })
        {
            Assert.Equal(("multi-label-classification", "log_loss"), (result.Evaluation!.Task, result.Verdict!.Metric));
            Assert.Equal(SmallTables.Weather, result.Evaluation.Classes!);
            Assert.Equal(["logistic", "majority"], result.Evaluation.Baselines.Keys.Order(StringComparer.Ordinal));
            var test = result.Evaluation.Splits["test"];
            Assert.Equal(3, test.Classes!.Count);
            Assert.True(test.Metrics["log_loss"].Value < result.Evaluation.Baselines["majority"].Splits["test"].Metrics["log_loss"].Value);
            Assert.Equal(["x", "z"], test.WorstRows![0].Values!.Keys);
            using var predictor = Predictor.Load(result.Path);
            Assert.Equal(separator, Assert.IsType<MultiLabelClassification>(predictor.Task).LabelSeparator);
        }
    }

    [Fact]
    public void The_network_tells_labels_apart_that_a_line_cannot()
    {
        // windy is x·z > 0.8: no linear model knows it.
        var windy = runs.Columns.Evaluation!.Splits["test"].Classes![2];
        var line = runs.Columns.Evaluation.Baselines["logistic"].Splits["test"].Classes![2];
        Assert.True(windy.RocAuc > 0.9 && line.RocAuc < 0.7, $"{windy.RocAuc} and {line.RocAuc}");
        Assert.Equal(Verdict.Better, runs.Columns.Verdict!.Word);
    }

    [Fact]
    public void Predictions_are_written_as_joined_labels_and_a_probability_for_each()
    {
        using var predictor = Predictor.Load(runs.Columns.Path);
        var output = Path.Combine(runs.Folder, "predictions.csv");
        var predictions = PredictionFile.Write(predictor, runs.ColumnsFile, output, ["warm"], []);
        var lines = File.ReadAllLines(output);
        Assert.Equal("warm,prediction,probability:warm,probability:wet,probability:windy", lines[0]);
        for (var row = 0; row < 50; row++)
        {
            var cells = lines[row + 1].Split(',');
            var chosen = SmallTables.Weather.Where((_, k) => float.Parse(cells[k + 2], System.Globalization.CultureInfo.InvariantCulture) >= 0.5f);
            Assert.Equal(string.Join(';', chosen), cells[1]);
            Assert.Equal(cells[1], predictions.Label(row));
        }
        var one = predictor.Predict(new Dictionary<string, object?> { ["x"] = 2.5, ["z"] = 2.5 });
        Assert.Equal("warm;wet;windy", one.Label(0));
    }

    [Fact]
    public void Trap_41_the_exported_file_gives_predictions_probabilities_and_its_label_names()
    {
        var model = ModelFolder.Load(runs.Joined.Path);
        var file = Path.Combine(runs.Folder, "model.onnx");
        var receipt = OnnxExport.Write(model, file, HeldOutRows.Of(runs.Joined.Path, model));
        Assert.Equal(receipt["rows"]!.GetValue<int>(), receipt["sameLabels"]!.GetValue<int>());
        Assert.Equal(SmallTables.Weather, JsonSerializer.Deserialize<string[]>(OnnxReader.Read(file).Metadata[ModelGraph.LabelsKey])!);
        using var session = new InferenceSession(file);
        Assert.Equal(["predictions", "probabilities"], session.OutputMetadata.Keys);
        using var results = session.Run([Number("x", -2.5f), Number("z", 2.5f)]);
        Assert.Equal([0L, 1, 0], results.First(r => r.Name == "predictions").AsTensor<long>());
        Assert.Equal([1, 3], results.First(r => r.Name == "probabilities").AsTensor<float>().Dimensions.ToArray());

        static NamedOnnxValue Number(string name, float value) => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(new[] { value }, [1, 1]));
    }

    [Fact]
    public void An_evaluation_reads_labels_in_the_way_of_the_run_and_knows_which_rows_were_seen()
    {
        var settings = new EvaluationSettings { Resamples = 100 };
        var all = ModelEvaluation.Of(runs.Joined.Path, runs.JoinedFile, runs.Joined.Path, null, settings, []);
        Assert.Equal((480, Verdict.NoEvidence), (all.SeenRows, all.Verdict!.Word));
        Assert.Equal(600, all.Report.Splits["test"].Rows);
        var other = Assert.Throws<OptionsException>(() => ModelEvaluation.Of(runs.Joined.Path, runs.JoinedFile, runs.Columns.Path, null, settings, []));
        Assert.Contains("only models of one question", other.Message, StringComparison.Ordinal);
        Assert.All(ModelSelfTest.Run(new RunOptions { Data = new DataOptions { Path = runs.ColumnsFile }, Model = new ModelOptions { Path = runs.Columns.Path } }), check => Assert.True(check.Passed, check.Name));
    }

    [Fact]
    public void Fine_tuning_keeps_the_head_for_known_labels_and_replaces_it_for_new_ones()
    {
        var again = RunPreparation.Prepare(new RunOptions { Out = "x", Data = new DataOptions { Path = runs.JoinedFile }, Model = new ModelOptions { Path = runs.Joined.Path } });
        Assert.False(again.HeadReplaced);
        Assert.Same(again.Earlier!.Task, again.Task);
        var file = Path.Combine(runs.Folder, "more.csv");
        File.WriteAllText(file, File.ReadAllText(runs.JoinedFile).Replace("windy", "stormy", StringComparison.Ordinal));
        var more = RunPreparation.Prepare(new RunOptions { Out = "x", Data = new DataOptions { Path = file }, Model = new ModelOptions { Path = runs.Joined.Path } });
        Assert.True(more.HeadReplaced);
        Assert.Equal(["stormy", "warm", "wet"], more.Task.PredictionNames);
        Assert.Equal(";", ((MultiLabelClassification)more.Task).LabelSeparator);
    }

    [Fact]
    public void Balanced_weights_weigh_the_rows_that_have_a_label()
    {
        var loss = RunPreparation.Prepare(SmallTables.Quick(runs.ColumnsFile, "warm,wet,windy", "x", "objective.class-weights=balanced"));
        var counts = RunPreparation.ClassCounts(loss.Task, loss.Train);
        var targets = new float[] { 1, 1, 1 };
        var sum = loss.Settings.Loss.Sum([0, 0, 0], 3, new Attune.Losses.LossTargets { Values = targets, Rows = 1, ValueWidth = 3 }, [], 1);
        Assert.Equal(counts.Sum(n => (loss.Train.Rows - n) / (double)n) * Math.Log(2), sum, 1e-4);
    }

    [Fact]
    public void A_column_with_a_comma_in_its_name_is_one_target()
    {
        var file = Path.Combine(runs.Folder, "comma.csv");
        File.WriteAllText(file, SmallTables.Colours(60).Replace("a,b,class", "a,b,\"class,old\"", StringComparison.Ordinal));
        Assert.IsType<Classification>(RunPreparation.Prepare(SmallTables.Quick(file, "class,old", "x")).Task);
    }

    public sealed class Finished : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();

        public Finished()
        {
            (ColumnsFile, JoinedFile) = (_folder.Write("columns.csv", SmallTables.Labels(600)), _folder.Write("joined.csv", SmallTables.Tags(600)));
            Columns = Run(ColumnsFile, "warm,wet,windy", "columns");
            Joined = Run(JoinedFile, "tags", "joined", "data.label-separator=;");
        }

        public string Folder => _folder.Path;

        public string ColumnsFile { get; }

        public string JoinedFile { get; }

        public RunResult Columns { get; }

        public RunResult Joined { get; }

        public void Dispose() => _folder.Dispose();

        private RunResult Run(string data, string target, string name, params string[] settings)
            => FineTuning.Run(SmallTables.Quick(data, target, Path.Combine(_folder.Path, name), ["training.epochs=40", "model.hidden-sizes=32,32", .. settings]));
    }
}
