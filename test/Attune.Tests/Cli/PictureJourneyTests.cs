using System.Text.Json;
using Attune.Runs;
using Attune.Tests.Runs;

namespace Attune.Tests.Cli;

/// <summary>Folders of pictures and an ONNX file of others, through the built executable.</summary>
public sealed class PictureJourneyTests(PictureJourneyTests.Journey journey) : IClassFixture<PictureJourneyTests.Journey>
{
    [Fact]
    public void Head_on_frozen_features_tells_its_plan_and_leaves_a_report_with_pictures()
    {
        journey.Head.Expect(0);
        Assert.Contains("nodes are frozen and run once per row", journey.Head.Error, StringComparison.Ordinal);
        Assert.Contains("image.mean", journey.Head.Error, StringComparison.Ordinal);   // the file does not say how its pictures are prepared
        Assert.Contains("data:image/jpeg;base64,", File.ReadAllText(journey.At("runs/head/report.html")), StringComparison.Ordinal);
        Assert.Equal("logistic", Before("runs/head"));   // a new head alone is what other runs are compared with
        using var model = JsonDocument.Parse(File.ReadAllText(journey.At("runs/head/model/model.json")));
        Assert.Equal(24, model.RootElement.GetProperty("images").GetProperty("height").GetInt32());
    }

    [Fact]
    public void Full_fine_tune_is_judged_against_the_head_alone_and_a_second_one_against_the_first()
    {
        journey.Full.Expect(0);
        Assert.Equal("head-only", Before("runs/full"));
        Tool.Run(journey.Path, "tune", "--model", "runs/full", "--data", "photos", "--out", "runs/again", "--epochs", "2", "--quiet").Expect(0);
        Assert.Equal("runs/full", Before("runs/again"));
        Tool.Run(journey.Path, "tune", "--model", "named.onnx", "--data", "photos", "--out", "runs/named", "--epochs", "2", "--quiet", "--set", "image.size=24", "--set", "model.labels=blue,green,red").Expect(0);
        Assert.Equal("named.onnx", Before("runs/named"));
    }

    [Fact]
    public void A_new_network_takes_the_classes_from_the_folders_without_being_told()
    {
        Tool.Run(journey.Path, "tune", "--data", "photos", "--out", "runs/new", "--epochs", "1", "--quiet", "--set", "model.name=mobilenet_v3_small", "--set", "image.size=24").Expect(0);
        Assert.Contains(Before("runs/new"), (string[])["majority", "logistic"]);
    }

    [Fact]
    public void Predictions_have_the_paths_and_a_probability_for_each_class()
    {
        Tool.Run(journey.Path, "predict", "--model", "runs/full", "--data", "new", "--out", "predictions.csv").Expect(0);
        var lines = File.ReadAllLines(journey.At("predictions.csv"));
        Assert.Equal("path,prediction,probability:blue,probability:green,probability:red", lines[0]);
        Assert.Equal(1 + 3 * 8, lines.Length);
        Assert.StartsWith("blue/50.png,", lines[1], StringComparison.Ordinal);
        foreach (var cells in lines.Skip(1).Select(l => l.Split(',')))
        {
            var probabilities = cells.Skip(2).Select(c => double.Parse(c, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(1, probabilities.Sum(), 1e-5);
            Assert.Equal(SmallPictures.Classes[Array.IndexOf(probabilities, probabilities.Max())], cells[1]);
        }
        Assert.True(lines.Skip(1).Select(l => l.Split(',')).Average(c => c[0].StartsWith(c[1], StringComparison.Ordinal) ? 1.0 : 0) > 0.6);
    }

    [Fact]
    public void A_damaged_picture_gets_a_row_without_prediction_and_too_many_are_refused()
    {
        SmallPictures.Folder(journey.At("damaged"), 2, first: 70);
        var files = Directory.GetFiles(journey.At("damaged"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        File.WriteAllBytes(files[1], File.ReadAllBytes(files[1])[..^40]);   // cut off
        var middle = File.ReadAllBytes(files[3]);
        middle[middle.Length / 2] ^= 0xFF;   // whole, but damaged where only decoding looks
        File.WriteAllBytes(files[3], middle);
        var run = Tool.Run(journey.Path, "predict", "--model", "runs/full", "--data", "damaged", "--out", "damaged.csv").Expect(0);
        Assert.Contains("2 of 6 pictures cannot be read", run.Error, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(files[1]), run.Error, StringComparison.Ordinal);
        var lines = File.ReadAllLines(journey.At("damaged.csv")).Skip(1).ToArray();
        Assert.Equal(6, lines.Length);
        for (var i = 0; i < 6; i++)
        {
            Assert.StartsWith(Path.GetRelativePath(journey.At("damaged"), files[i]).Replace('\\', '/') + ",", lines[i], StringComparison.Ordinal);
            Assert.Equal(i is 1 or 3, lines[i].EndsWith(",,,,", StringComparison.Ordinal));
            Assert.Equal(5, lines[i].Split(',').Length);
        }
        Assert.Contains("--max-unreadable", Tool.Run(journey.Path, "predict", "--model", "runs/full", "--data", "damaged", "--out", "x.csv", "--max-unreadable", "0.3").Expect(2).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(journey.At("x.csv")));
        Assert.Contains("2 of 6 pictures", Tool.Run(journey.Path, "evaluate", "--model", "runs/full", "--data", "damaged").Expect(0).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_column_of_paths_is_known_again_from_training_or_named()
    {
        string List(string name, string column, string other)
        {
            var rows = Directory.GetFiles(journey.At("new"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{Path.GetRelativePath(journey.Path, f)},{Path.GetFileName(Path.GetDirectoryName(f))},nowhere.png");
            File.WriteAllLines(journey.At(name), [$"{column},label,{other}", .. rows]);
            return name;
        }
        var list = List("shots.csv", "shot", "file");   // "file" holds something else
        Tool.Run(journey.Path, "tune", "--model", "photos.onnx", "--data", list, "--target", "label", "--out", "runs/shots", "--epochs", "1", "--quiet", "--set", "image.size=24", "--set", "image.path-column=shot").Expect(0);
        Tool.Run(journey.Path, "predict", "--model", "runs/shots", "--data", list, "--out", "shots.out.csv").Expect(0);
        Assert.Equal(1 + 24, File.ReadAllLines(journey.At("shots.out.csv")).Length);
        Tool.Run(journey.Path, "evaluate", "--model", "runs/shots", "--data", list).Expect(0);
        var other = List("frames.csv", "frame", "file");
        Assert.Contains("nowhere.png", Tool.Run(journey.Path, "predict", "--model", "runs/full", "--data", other, "--out", "y.csv").Expect(2).Error, StringComparison.Ordinal);
        Tool.Run(journey.Path, "predict", "--model", "runs/full", "--data", other, "--out", "y.csv", "--path-column", "frame").Expect(0);
    }

    [Fact]
    public void Evaluate_compares_two_models_on_new_pictures()
    {
        using var json = JsonDocument.Parse(Tool.Run(journey.Path, "evaluate", "--model", "runs/full", "--data", "new", "--compare", "runs/head", "--json").Expect(0).Output);
        Assert.Equal(24, json.RootElement.GetProperty("verdict").GetProperty("rows").GetInt32());
        Assert.Equal("runs/head", json.RootElement.GetProperty("verdict").GetProperty("before").GetProperty("name").GetString());
        Assert.Contains("of these rows were used to train or validate", Tool.Run(journey.Path, "evaluate", "--model", "runs/full", "--data", "photos").Expect(0).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_exported_file_takes_decoded_pictures_and_answers_the_same()
    {
        using var receipt = JsonDocument.Parse(Tool.Run(journey.Path, "export", "--model", "runs/full", "--out", "full.onnx", "--json").Expect(0).Output);
        var root = receipt.RootElement;
        Assert.True(root.GetProperty("networkDifference").GetDouble() <= 1e-4);   // on pictures resized as in training
        Assert.True(root.GetProperty("largestDifference").GetDouble() <= 1e-3);   // on pictures as they are: at 24² one pixel that is off by one weighs most
        Assert.Equal(root.GetProperty("rows").GetInt32(), root.GetProperty("sameLabels").GetInt32());
        Assert.True(root.TryGetProperty("metric", out _));
        Tool.Run(journey.Path, "export", "--model", "runs/full", "--out", "other.onnx", "--data", "new", "--fold-batch-norm").Expect(0);
        Tool.Run(journey.Path, "tune", "--model", "photos.onnx", "--data", "photos", "--out", "runs/squeezed", "--epochs", "1", "--quiet", "--set", "image.size=24", "--set", "image.resize=0", "--set", "image.interpolation=bicubic", "--set", "image.channels=bgr").Expect(0);
        Tool.Run(journey.Path, "export", "--model", "runs/squeezed", "--out", "squeezed.onnx").Expect(0);
        Assert.Contains("--opset", Tool.Run(journey.Path, "export", "--model", "runs/full", "--out", "old.onnx", "--opset", "17").Expect(2).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(journey.At("old.onnx")));
    }

    [Theory]
    [InlineData("full")]
    [InlineData("head")]
    [InlineData("lora")]
    public void Self_test_passes_on_a_foreign_file(string method)
    {
        var output = Tool.Run(journey.Path, "selftest", "--model", "photos.onnx", "--data", "photos", "--method", method, "--set", "image.size=24").Expect(0).Output;
        Assert.Contains("passed", output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("head", 3)]
    [InlineData("full", 5)]
    public void Trap_33_an_interrupted_run_over_pictures_resumes_to_the_same_bits(string method, int step)
    {
        string[] settings = ["model.path=" + journey.At("photos.onnx"), "image.size=24", "method.name=" + method, "augmentation.mixup=0.3"];
        var whole = journey.At("runs/whole-" + method);
        FineTuning.Run(SmallTables.Quick(journey.At("photos"), "label", whole, settings));
        var run = journey.At("runs/stopped-" + method);
        using var stop = new CancellationTokenSource();
        var result = FineTuning.Run(SmallTables.Quick(journey.At("photos"), "label", run, settings), new RunRequest { Callbacks = [new StopAfter(step, stop)], Stop = stop.Token });
        Assert.False(result.Completed);
        Tool.Run(journey.Path, "tune", "--resume", "runs/stopped-" + method, "--quiet").Expect(0);
        Assert.Equal(SmallTables.Results(whole), SmallTables.Results(run));
    }

    [Fact]
    public void A_regressor_of_others_keeps_its_head_and_is_compared_as_it_came()
    {
        var tune = Tool.Run(journey.Path, "tune", "--model", "price.onnx", "--data", "prices.csv", "--target", "price", "--out", "runs/price", "--epochs", "30", "--learning-rate", "0.01").Expect(0);
        Assert.Contains("BETTER", tune.Output, StringComparison.Ordinal);
        Assert.Equal("price.onnx", Before("runs/price"));
        using var receipt = JsonDocument.Parse(Tool.Run(journey.Path, "export", "--model", "runs/price", "--out", "tuned-price.onnx", "--json").Expect(0).Output);
        Assert.True(receipt.RootElement.GetProperty("largestDifference").GetDouble() <= receipt.RootElement.GetProperty("limit").GetDouble());
        Tool.Run(journey.Path, "predict", "--model", "runs/price", "--data", "prices.csv", "--out", "prices.out.csv").Expect(0);
        Assert.Equal("prediction", File.ReadLines(journey.At("prices.out.csv")).First());
    }

    [Fact]
    public void A_classifier_of_others_keeps_its_head_where_its_labels_are_the_classes()
    {
        string[] tune = ["tune", "--model", "colour.onnx", "--data", "colours.csv", "--target", "class", "--epochs", "5", "--quiet", "--out"];
        Tool.Run(journey.Path, [.. tune, "runs/kept", "--set", "model.labels=blue,green,red"]).Expect(0);
        Assert.Equal("colour.onnx", Before("runs/kept"));
        Tool.Run(journey.Path, [.. tune, "runs/replaced"]).Expect(0);
        Assert.Equal("head-only", Before("runs/replaced"));
        Assert.DoesNotContain("FAILED", Tool.Run(journey.Path, "selftest", "--model", "colour.onnx", "--data", "colours.csv", "--target", "class").Expect(0).Output, StringComparison.Ordinal);
    }

    private string Before(string run)
    {
        using var verdict = JsonDocument.Parse(File.ReadAllText(journey.At(run + "/verdict.json")));
        return verdict.RootElement.GetProperty("before").GetProperty("name").GetString()!;
    }

    private sealed class StopAfter(int step, CancellationTokenSource stop) : Attune.Training.Callback
    {
        public override void Step(in Attune.Training.StepReport report)
        {
            if (report.Step >= step) stop.Cancel();
        }
    }

    public sealed class Journey : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();

        public Journey()
        {
            SmallPictures.Folder(At("photos"));
            SmallPictures.Folder(At("new"), 8, first: 50);
            SmallPictures.Network(At("photos.onnx"), 5);
            SmallPictures.Network(At("named.onnx"), 3);
            _folder.Write("prices.csv", SmallTables.Prices(300));
            SmallPictures.Columns(At("price.onnx"), 2, 1, softmax: false);
            _folder.Write("colours.csv", SmallTables.Colours(240));
            SmallPictures.Columns(At("colour.onnx"), 2, 3, softmax: true);
            string[] tune = ["tune", "--model", "photos.onnx", "--data", "photos", "--set", "image.size=24", "--epochs", "30", "--learning-rate", "0.01"];
            Head = Tool.Run(Path, [.. tune, "--method", "head", "--out", "runs/head"]);
            Full = Tool.Run(Path, [.. tune, "--out", "runs/full"]);
        }

        public string Path => _folder.Path;

        internal ToolResult Head { get; }

        internal ToolResult Full { get; }

        public string At(string name) => System.IO.Path.Combine(Path, name);

        public void Dispose() => _folder.Dispose();
    }
}
