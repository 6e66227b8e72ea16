using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Prediction;
using Attune.Tasks;
using Attune.Tests.Runs;

namespace Attune.Tests.Prediction;

public sealed class ModelFolderTests(ModelFolderTests.Trained trained) : IClassFixture<ModelFolderTests.Trained>
{
    [Fact]
    public void Predicts_in_a_fresh_process_that_has_attune_core_alone()
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var app = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Attune.CoreOnly", configuration, "Attune.CoreOnly"));
        var result = Cli.Tool.Finish(Process.Start(new ProcessStartInfo(app, [trained.Model, "41.5", "", "Oslo"]) { RedirectStandardOutput = true, RedirectStandardError = true })!).Expect(0);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var predictor = Predictor.Load(trained.Model);
        var expected = predictor.Predict(new Dictionary<string, object?> { ["age"] = 41.5, ["size"] = null, ["city"] = "Oslo" });
        Assert.Equal(expected.Label(0), lines[0]);
        Assert.Equal(expected.Row(0).ToArray().Select(p => p.ToString("R", CultureInfo.InvariantCulture)), lines[1].Split(' '));
        // Nothing but Attune.Core and the platform was loaded.
        Assert.Equal(["Attune.Core", "Attune.CoreOnly"], lines[2].Split(' ').Order());
    }

    [Fact]
    public void Trap_16_reloaded_model_predicts_the_same_bits()
    {
        using var first = Predictor.Load(trained.Run);
        var copy = trained.Copy("copy");
        first.Model.Save(copy);
        using var second = Predictor.Load(copy);
        Assert.Equal(first.Predict(trained.Rows(first)).Values, second.Predict(trained.Rows(second)).Values);
        Assert.Equal(File.ReadAllBytes(Path.Combine(trained.Model, "model.safetensors")), File.ReadAllBytes(Path.Combine(copy, "model.safetensors")));
    }

    [Fact]
    public void Receipt_names_rows_difference_and_hash()
    {
        using var receipt = JsonDocument.Parse(File.ReadAllText(Path.Combine(trained.Model, "receipt.json")));
        Assert.Equal(ModelFolder.Load(trained.Model).WeightsSha256, receipt.RootElement.GetProperty("weightsSha256").GetString());
        Assert.True(receipt.RootElement.GetProperty("largestDifference").GetDouble() <= 1e-5);
        Assert.Equal(60, receipt.RootElement.GetProperty("rows").GetInt32());
        Assert.True(receipt.RootElement.GetProperty("weightsMoved").GetInt32() > 0);
    }

    [Fact]
    public void Tampered_weights_are_refused()
    {
        var copy = trained.Copy("tampered");
        var file = Path.Combine(copy, "model.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 1;
        File.WriteAllBytes(file, bytes);
        var error = Assert.Throws<WeightsException>(() => ModelFolder.Load(copy));
        Assert.Contains("SHA-256 differs", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("graph.onnx")]
    [InlineData("encoder.json")]
    [InlineData("model.json")]
    public void Missing_or_cut_files_are_refused_by_name(string name)
    {
        var copy = trained.Copy("cut-" + name);
        var file = Path.Combine(copy, name);
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..(bytes.Length / 3)]);
        Assert.Contains(name, Assert.ThrowsAny<AttuneException>(() => ModelFolder.Load(copy)).Message, StringComparison.Ordinal);
        File.Delete(file);
        Assert.ThrowsAny<AttuneException>(() => ModelFolder.Load(copy));
    }

    [Fact]
    public void Trap_41_classes_and_positive_class_are_stored_and_checked()
    {
        var task = (Classification)ModelFolder.Load(trained.Model).Task;
        Assert.Equal(["None", "maybe \"so\""], task.Classes);
        Assert.Equal("None", task.PositiveClass);
        foreach (var classes in new[] { new JsonArray("a"), new JsonArray("a", "b", "c"), [] })
        {
            var copy = trained.Copy("classes" + classes.Count);
            var file = Path.Combine(copy, "model.json");
            var json = JsonNode.Parse(File.ReadAllText(file))!;
            json["task"]!["classes"] = classes;
            File.WriteAllText(file, json.ToJsonString());
            Assert.Contains("model", Assert.ThrowsAny<AttuneException>(() => ModelFolder.Load(copy)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Trap_48_a_class_called_None_is_predicted_under_its_name()
    {
        var output = Path.Combine(trained.Folder, "none.csv");
        using var predictor = Predictor.Load(trained.Model);
        PredictionFile.Write(predictor, trained.Data, output, ["label"], []);
        var predicted = File.ReadAllLines(output).Skip(1).ToList();
        Assert.Contains(predicted, l => l.Contains(",None,", StringComparison.Ordinal));
        Assert.Equal(300, predicted.Count);
        Assert.Contains("None", File.ReadAllText(Path.Combine(trained.Run, "evaluation.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Prediction_file_quotes_and_keeps_cells_as_they_stand_in_the_file()
    {
        var data = Path.Combine(trained.Folder, "keep.csv");
        File.WriteAllText(data, "code,\"the \"\"name\"\"\",age,size,city,unused\n007,\"a, b\",40,1,Oslo,x\n1e3,\"two\nlines\",,,Paris,y\n-0.50,\"say \"\"hi\"\"\",50,0,Rome,z\n");
        var output = Path.Combine(trained.Folder, "keep-out.csv");
        using var predictor = Predictor.Load(trained.Model);
        var predictions = PredictionFile.Write(predictor, data, output, ["code", "the \"name\""], []);
        var text = File.ReadAllText(output);
        Assert.StartsWith("code,\"the \"\"name\"\"\",prediction,probability:None,\"probability:maybe \"\"so\"\"\"\n007,\"a, b\",", text, StringComparison.Ordinal);
        Assert.Contains("\n1e3,\"two\nlines\",", text, StringComparison.Ordinal);
        Assert.Contains("\n-0.50,\"say \"\"hi\"\"\",", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        Assert.Equal(1, predictions.Counts.Columns.Single(c => c.Column == "city").Unknown);
        var back = TableReader.Read(output);
        Assert.Equal(3, back.Rows);
        var sums = ((NumericColumn)back["probability:None"]).Values.Zip(((NumericColumn)back["probability:maybe \"so\""]).Values, (a, b) => a + b);
        Assert.All(sums, s => Assert.Equal(1, s, 1e-6));
        var error = Assert.Throws<DataFormatException>(() => PredictionFile.Write(predictor, data, output + "2", ["cod"], []));
        Assert.Contains("'code'", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(output + "2"));
    }

    [Fact]
    public void Regression_predictions_are_one_number_in_the_targets_unit()
    {
        var run = Path.Combine(trained.Folder, "prices");
        var data = Path.Combine(trained.Folder, "prices.csv");
        File.WriteAllText(data, SmallTables.Prices(300));
        var result = FineTuning.Run(SmallTables.Quick(data, "price", run, "training.epochs=30"));
        Assert.Equal("rmse", result.Verdict!.Metric);
        using var predictor = Predictor.Load(run);
        PredictionFile.Write(predictor, data, data + ".out", [], []);
        var back = (NumericColumn)TableReader.Read(data + ".out")["prediction"];
        Assert.InRange(back.Values.Average(), 80, 110);
    }

    [Fact]
    public void Parallel_predictions_equal_single_ones()
    {
        using var predictor = Predictor.Load(trained.Model);
        var rows = trained.Rows(predictor);
        var expected = predictor.Predict(rows).Values;
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(expected, predictor.Predict(rows).Values));
    }

    [Fact]
    public void A_row_of_values_is_checked_by_name_and_kind()
    {
        using var predictor = Predictor.Load(trained.Model);
        Assert.Contains("'size'", Assert.Throws<DataFormatException>(() => predictor.Predict(new Dictionary<string, object?> { ["age"] = 1, ["city"] = "Oslo" })).Message, StringComparison.Ordinal);
        foreach (var age in new object[] { "old", double.PositiveInfinity, true })
            Assert.Equal("age", Assert.Throws<DataFormatException>(() => predictor.Predict(new Dictionary<string, object?> { ["age"] = age, ["city"] = "Oslo", ["size"] = 1 })).Column);
        var a = predictor.Predict(new Dictionary<string, object?> { ["age"] = 41, ["city"] = null, ["size"] = 1m });
        var b = predictor.Predict(new Dictionary<string, object?> { ["age"] = 41.0, ["city"] = "", ["size"] = 1f });
        Assert.Equal(a.Values, b.Values);
    }

    [Fact]
    public void Trap_12_a_row_predicted_alone_equals_the_row_in_a_file()
    {
        using var predictor = Predictor.Load(trained.Model);
        var table = trained.Rows(predictor);
        var all = predictor.Predict(table);
        var (age, size, city) = ((NumericColumn)table["age"], (NumericColumn)table["size"], (TextColumn)table["city"]);
        for (var row = 0; row < 40; row++)
        {
            var alone = predictor.Predict(new Dictionary<string, object?> { ["age"] = age.Values[row], ["size"] = size.IsMissing(row) ? null : size.Values[row], ["city"] = city.Text(row) });
            Assert.Equal(all.Row(row).ToArray(), alone.Row(0).ToArray(), (x, y) => Math.Abs(x - y) < 1e-6);
        }
    }

    public sealed class Trained : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();

        public Trained()
        {
            Data = _folder.Write("table.csv", SmallTables.Binary(300, yes: "None", no: "\"maybe \"\"so\"\"\""));
            Run = Path.Combine(_folder.Path, "run");
            FineTuning.Run(SmallTables.Quick(Data, "label", Run, "data.positive=None"));
        }

        public string Folder => _folder.Path;

        public string Data { get; }

        public string Run { get; }

        public string Model => Path.Combine(Run, "model");

        internal Table Rows(Predictor predictor) => TableReader.Read(Data, new TableReadOptions { Expect = predictor.Model.Columns });

        public string Copy(string name)
        {
            var copy = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
            foreach (var file in Directory.EnumerateFiles(Model)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            return copy;
        }

        public void Dispose() => _folder.Dispose();
    }
}
