using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Tests.Engines.Dense;
using Attune.Tests.Graphs;
using Attune.Tests.Runs;

namespace Attune.Tests.Cli;

/// <summary>Pictures and networks of others that cannot be used: exit code 2, one paragraph that names what and where, nothing written.</summary>
public sealed class BadModelInputTests
{
    [Fact]
    public void A_folder_without_pictures_or_with_one_class_is_refused()
    {
        using var folder = new Workplace();
        Directory.CreateDirectory(folder.At("empty/cat"));
        File.WriteAllText(folder.At("empty/cat/notes.txt"), "no picture");
        Refused(folder, "empty", ["no picture"], "--data", "empty", "--model", "photos.onnx");
        SmallPictures.Folder(folder.At("photos"));
        Directory.Delete(folder.At("photos/red"), recursive: true);
        Directory.Delete(folder.At("photos/green"), recursive: true);
        Refused(folder, "photos", ["'blue'", "single class folder"], "--data", "photos", "--model", "photos.onnx");
    }

    [Fact]
    public void A_corrupt_picture_is_named_and_refused_only_above_the_limit()
    {
        using var folder = new Workplace();
        SmallPictures.Folder(folder.At("photos"));
        File.WriteAllBytes(folder.At("photos/red/broken.png"), SmallPictures.Png(2, 99)[..400]);
        Refused(folder, "photos", ["red/broken.png", "1 of 73", "image.max-unreadable"], "--data", "photos", "--model", "photos.onnx");
        var note = Tool.Run(folder.Path, "tune", "--data", "photos", "--model", "photos.onnx", "--out", "run", "--epochs", "1", "--set", "image.size=24", "--set", "image.max-unreadable=0.05").Expect(0).Error;
        Assert.Contains("red/broken.png", note, StringComparison.Ordinal);
        var predict = Tool.Run(folder.Path, "predict", "--model", "run", "--data", "photos", "--out", "p.csv");
        Assert.True(predict.Code is 0 or 2, predict.Error);
        Assert.Contains("red/broken.png", predict.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_with_a_missing_file_names_the_line()
    {
        using var folder = new Workplace();
        var list = SmallPictures.List(SmallPictures.Folder(folder.At("photos")));
        File.WriteAllText(list, File.ReadAllText(list).Replace("photos/blue/03.png,blue", "photos/blue/gone.png,blue", StringComparison.Ordinal));
        Refused(folder, "photos.csv", ["line 5", "gone.png"], "--data", "photos.csv", "--model", "photos.onnx");
    }

    [Fact]
    public void Pictures_of_another_size_than_the_network_takes_are_refused()
    {
        using var folder = new Workplace();
        SmallPictures.Folder(folder.At("photos"));
        SmallPictures.Network(folder.At("fixed.onnx"), 3, side: 24);
        Refused(folder, "fixed.onnx", ["24", "image.size"], "--data", "photos", "--model", "fixed.onnx", "--set", "image.size=16");
    }

    [Fact]
    public void Inputs_and_data_of_different_kinds_are_refused_both_ways()
    {
        using var folder = new Workplace();
        folder.Write("table.csv", SmallTables.Colours(60));
        SmallPictures.Folder(folder.At("photos"));
        SmallPictures.Columns(folder.At("columns.onnx"), 2, 3, softmax: false);
        Refused(folder, "table.csv", ["list of pictures", "'a'", "image.path-column", "reads numbers"], "--data", "table.csv", "--target", "class", "--model", "photos.onnx");
        Refused(folder, "columns.onnx", ["does not read pictures", "'x'"], "--data", "photos", "--model", "columns.onnx");
    }

    [Fact]
    public void CutMix_of_a_table_is_refused()
    {
        using var folder = new Workplace();
        folder.Write("table.csv", SmallTables.Colours(60));
        Refused(folder, "augmentation.cutmix", ["the data are a table"], "--data", "table.csv", "--target", "class", "--set", "augmentation.cutmix=1");
    }

    [Fact]
    public void Networks_that_cannot_read_the_columns_say_why()
    {
        using var folder = new Workplace();
        folder.Write("table.csv", SmallTables.Colours(60));
        SmallPictures.Columns(folder.At("three.onnx"), 3, 3, softmax: false);
        Refused(folder, "three.onnx", ["takes 3 numbers a row", "the columns give 2"], "--data", "table.csv", "--target", "class", "--model", "three.onnx");
        var g = new GraphBuilder("indices");
        var x = g.Node("Cast", [g.Input("ids", DataType.Int64, new Shape("B", 2))], Attributes.Of(("to", 1L)));
        g.Output(DenseGraphs.Linear(g, x, "out", 2, 3), "y", DataType.Float, new Shape("B", 3));
        OnnxWriter.Write(g.Build(), folder.At("indices.onnx"));
        Refused(folder, "indices.onnx", ["'ids'", "Int64", "real numbers"], "--data", "table.csv", "--target", "class", "--model", "indices.onnx");
    }

    [Fact]
    public void A_head_that_cannot_be_found_comes_with_places_to_cut()
    {
        using var folder = new Workplace();
        folder.Write("table.csv", SmallTables.Colours(60));
        OnnxWriter.Write(DenseGraphs.Build(2, 1, (g, x) => g.Node("ReduceSum", [g.Relu(DenseGraphs.Linear(g, x, "hidden", 2, 16)), g.Constant("axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 1L)))), folder.At("headless.onnx"));
        var error = Refused(folder, "", ["cannot be found", "model.head-at", "candidates"], "--data", "table.csv", "--target", "class", "--model", "headless.onnx");
        var candidate = error[(error.IndexOf("candidates: ", StringComparison.Ordinal) + "candidates: ".Length)..].Split('\'')[1];
        Tool.Run(folder.Path, "tune", "--data", "table.csv", "--target", "class", "--model", "headless.onnx", "--head-at", candidate, "--out", "run", "--epochs", "1", "--quiet").Expect(0);
    }

    [Fact]
    public void An_operator_that_is_not_run_is_refused_by_tune_and_named_by_inspect_with_node_and_domain()
    {
        using var folder = new Workplace();
        folder.Write("table.csv", SmallTables.Colours(60));
        var graph = OnnxFile.Graph([OnnxFile.Input("x", "B", 2)], ["y"], [OnnxFile.Node("Frobnicate", "x", "y", "com.vendor")]);
        OnnxFile.Save(graph, folder.At("odd.onnx"));
        Refused(folder, "odd.onnx", ["Frobnicate", "y_node", "com.vendor"], "--data", "table.csv", "--target", "class", "--model", "odd.onnx");
        var shown = Tool.Run(folder.Path, "inspect", "odd.onnx").Expect(0).Output;
        foreach (var word in (string[])["Frobnicate", "y_node", "com.vendor"]) Assert.Contains(word, shown, StringComparison.Ordinal);
    }

    private static string Refused(Workplace folder, string file, string[] words, params string[] arguments)
    {
        string[] size = arguments.Contains("photos.onnx") ? ["--set", "image.size=24"] : [];
        var error = Tool.Run(folder.Path, ["tune", .. arguments, .. size, "--out", "run", "--epochs", "1", "--quiet"]).Expect(2).Error;
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected failure", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        foreach (var word in words.Prepend(file)) Assert.Contains(word, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("run")));
        return error;
    }

    /// <summary>A folder with an ONNX file that reads pictures.</summary>
    private sealed class Workplace : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();

        public Workplace() => SmallPictures.Network(At("photos.onnx"), 5);

        public string Path => _folder.Path;

        public string At(string name) => System.IO.Path.Combine(Path, name);

        public void Write(string name, string text) => _folder.Write(name, text);

        public void Dispose() => _folder.Dispose();
    }
}
