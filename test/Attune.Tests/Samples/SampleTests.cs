using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Attune.Export;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tests.Repository;
using Attune.Tests.Runs;

namespace Attune.Tests.Samples;

/// <summary>The samples as a user runs them: programs in processes of their own.</summary>
public partial class SampleTests
{
    [Fact]
    public void The_classic_recipe_learns_its_pictures()
    {
        var output = Run("ClassicRecipe", "");
        Assert.Equal(10, EpochLine().Count(output));
        var accuracy = double.Parse(AccuracyText().Match(output).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(accuracy, 0.9, 1);
        Assert.Contains("row 0: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fine_tuned_model_is_served_by_the_core_library_alone()
    {
        using var folder = TestFiles.Folder();
        var table = TestFiles.At("samples", "data", "breast-cancer.csv");
        var output = Run("FineTuneAndServe", "", table, "diagnosis", folder.Path);
        Assert.Contains("second: ", output, StringComparison.Ordinal);
        var model = output[(output.LastIndexOf("serve:", StringComparison.Ordinal) + "serve:".Length)..].Trim();

        var lines = File.ReadAllLines(table);
        var names = lines[0].Split(',');
        var row = names.Zip(lines[1].Split(','), (name, cell) => (name, cell)).Where(c => c.name != "diagnosis")
            .ToDictionary(c => c.name, c => double.Parse(c.cell, System.Globalization.CultureInfo.InvariantCulture));
        var served = Run("Serve", JsonSerializer.Serialize(row) + "\n{}\n", model).Split('\n');
        Assert.Matches(@"^(benign|malignant) \(benign [01]\.\d{3}, malignant [01]\.\d{3}\)$", served[0].Trim());
        Assert.StartsWith("error: ", served[1], StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Folder("Serve"), "Attune.dll")), "Serve has to run without Attune.dll.");
    }

    [Fact]
    public void Pictures_from_an_idx_file_become_a_classifier()
    {
        using var folder = TestFiles.Folder();
        var random = new Random(3);
        foreach (var (prefix, count) in new[] { ("train", 80), ("t10k", 40) })
        {
            var labels = Enumerable.Range(0, count).Select(i => (byte)(i % 2)).ToArray();
            // Class 0 is dark, class 1 bright.
            WriteIdx(folder, prefix + "-images-idx3-ubyte.gz", [count, 28, 28], [.. labels.SelectMany(l => Enumerable.Range(0, 28 * 28).Select(_ => (byte)(random.Next(60) + 150 * l)))]);
            WriteIdx(folder, prefix + "-labels-idx1-ubyte.gz", [count], labels);
        }
        var (photos, run) = (Path.Combine(folder.Path, "photos"), Path.Combine(folder.Path, "run"));
        Assert.Contains("40 training and 20 test pictures", Run("FashionMnist", "", folder.Path, photos, "20", "10"), StringComparison.Ordinal);
        Assert.Equal(20, Directory.GetFiles(Path.Combine(photos, "train", "trouser"), "*.png").Length);

        var output = Run("PhotoClassifier", "", photos, run, Path.Combine(photos, "test", "trouser"), TestFiles.At("test", "golden", "onnx", "resnet_small.onnx"));
        Assert.Matches("(?m)^(better|no evidence|worse): ", output);
        Assert.Matches("(?m)^picture 5: (t-shirt|trouser)", output);
        Assert.Contains("photos.onnx: proven on 20 pictures", output, StringComparison.Ordinal);
        Assert.Equal(11, File.ReadLines(Path.Combine(run, "predictions.csv")).Count());
    }

    [Fact]
    public void Sentences_are_searched_with_a_tuned_encoder()
    {
        using var folder = TestFiles.Folder();
        var run = FineTuning.Run(new RunOptions
        {
            Out = Path.Combine(folder.Path, "run"),
            Data = new DataOptions { Path = SmallPairs.Write(folder.Path), Task = "embedding" },
            Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(folder.Path, "bert")) },
            Training = new TrainingOptions { Epochs = 25, LearningRate = 5e-3 },
            Evaluation = new EvaluationOptions { Resamples = 200 },
        });
        var sentences = Path.Combine(folder.Path, "sentences.txt");
        File.WriteAllLines(sentences, ["the coffee tea", "was very bread", "and dog box", "bread was my"]);
        var output = Run("SentenceSearch", "good great fresh\nstale awful dull\n", run.Path, sentences).Split("\n\n");
        Assert.Matches(@"^[01]\.\d{3}  the coffee tea", output[0].TrimStart());
        Assert.EndsWith("  and dog box", output[1].Trim().Split('\n')[0].TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_are_classified_in_an_ml_net_pipeline()
    {
        using var folder = TestFiles.Folder();
        var run = FineTuning.Run(SmallTables.Quick(SmallTexts.WriteTable(folder.Path, 200), "label", Path.Combine(folder.Path, "run"), "text.columns=review", "training.batch-size=8", "model.path=" + SmallTexts.WriteBert(Path.Combine(folder.Path, "bert"))));
        var model = ModelFolder.Load(run.Path);
        using var rows = HeldOutRows.Of(run.Path, model);
        var file = Path.Combine(folder.Path, "texts.onnx");
        OnnxExport.Write(model, file, rows);
        var output = Run("MlNetTexts", string.Concat(Enumerable.Range(0, rows.Table.Rows).Select(row => rows.Table["review"].Text(row) + "\n")), file, "48").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        using var predictor = new Predictor(model, Attune.Engines.ModelEngine.CompileAny);
        var expected = new PredictionTable(model.Task, predictor.Predict(rows.Set), new Attune.Encoding.EncodingCounts(rows.Set.Rows, []));
        Assert.Equal(Enumerable.Range(0, expected.Rows).Select(row => FormattableString.Invariant($"{expected.Label(row)} {expected.Row(row).ToArray().Max():F3}")), output);
    }

    private static void WriteIdx(TemporaryFolder folder, string name, int[] sizes, byte[] bytes)
    {
        using var stream = new System.IO.Compression.GZipStream(File.Create(Path.Combine(folder.Path, name)), System.IO.Compression.CompressionLevel.Fastest);
        stream.Write([0, 0, 8, (byte)sizes.Length]);
        foreach (var size in sizes) stream.Write([(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size]);
        stream.Write(bytes);
    }

    private static string Folder(string sample)
        => Path.Combine(Sources.Root, "artifacts", "bin", sample, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)));

    private static string Run(string sample, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(Folder(sample), sample + ".dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, e) => errors.AppendLine(e.Data);
        process.BeginErrorReadLine();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{sample} ended with {process.ExitCode}: {errors}");
        return output;
    }

    [GeneratedRegex(@"^epoch +\d+: loss", RegexOptions.Multiline)]
    private static partial Regex EpochLine();

    [GeneratedRegex(@"accuracy (0\.\d+|1\.000)")]
    private static partial Regex AccuracyText();
}
