using System.Text.Json;
using Attune.Tests.Runs;

namespace Attune.Tests.Cli;

/// <summary>Several labels a row through the built executable.</summary>
public sealed class MultiLabelCommandTests
{
    [Fact]
    public void Every_command_of_the_journey_knows_labels()
    {
        using var folder = TestFiles.Folder();
        folder.Write("days.csv", SmallTables.Tags(300));
        var tune = Tool.Run(folder.Path, "tune", "--data", "days.csv", "--target", "tags", "--label-separator", ";", "--task", "multi-label", "--epochs", "4", "--out", "run").Expect(0);
        Assert.Contains("task      multi-label-classification: 3 labels, 'warm', 'wet', 'windy', in 'tags'", tune.Error, StringComparison.Ordinal);
        Assert.Contains("  label_ranking_average_precision ", tune.Output, StringComparison.Ordinal);

        Tool.Run(folder.Path, "predict", "--model", "run", "--data", "days.csv", "--out", "predictions.csv").Expect(0);
        Assert.Equal("prediction,probability:warm,probability:wet,probability:windy", File.ReadLines(Path.Combine(folder.Path, "predictions.csv")).First());
        using var evaluation = JsonDocument.Parse(Tool.Run(folder.Path, "evaluate", "--model", "run", "--data", "days.csv", "--compare", "run", "--metric", "f1_macro", "--json").Expect(0).Output);
        Assert.Equal("f1_macro", evaluation.RootElement.GetProperty("verdict").GetProperty("metric").GetString());
        Assert.Equal(3, evaluation.RootElement.GetProperty("evaluation").GetProperty("splits").GetProperty("test").GetProperty("classes").GetArrayLength());
        Tool.Run(folder.Path, "export", "--model", "run", "--out", "days.onnx").Expect(0);
        Assert.Contains("outputs: predictions Int64[N, 3], probabilities Float[N, 3]", Tool.Run(folder.Path, "inspect", "days.onnx").Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("multi-label-classification of 'tags', labels 'warm', 'wet', 'windy'", Tool.Run(folder.Path, "inspect", "run").Expect(0).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", Tool.Run(folder.Path, "selftest", "--model", "run", "--data", "days.csv").Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("multilabel", Tool.Run(folder.Path, "list", "metrics").Expect(0).Output, StringComparison.Ordinal);
        Tool.Run(folder.Path, "report", "run").Expect(0);
        Assert.Contains("<h2 id=\"classes\">Labels</h2>", File.ReadAllText(Path.Combine(folder.Path, "run", "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_label_ends_an_evaluation_with_its_line()
    {
        using var folder = TestFiles.Folder();
        folder.Write("days.csv", SmallTables.Tags(200));
        folder.Write("later.csv", "x,z,tags\n1,1,warm\n1,1,warm;wte\n");
        Tool.Run(folder.Path, "tune", "--data", "days.csv", "--target", "tags", "--label-separator", ";", "--epochs", "2", "--out", "run", "--quiet").Expect(0);
        Assert.Contains("later.csv, line 3, column 'tags': The label 'wte' is not one of the 3 labels seen in training", Tool.Run(folder.Path, "evaluate", "--model", "run", "--data", "later.csv").Expect(2).Error, StringComparison.Ordinal);
    }
}
