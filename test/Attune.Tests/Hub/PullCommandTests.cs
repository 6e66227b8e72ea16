using System.Text.Json.Nodes;
using Attune.Cli;
using Attune.Hub;
using Attune.Tests.Cli;

namespace Attune.Tests.Hub;

/// <summary><c>attune pull</c> as a process.</summary>
public sealed class PullCommandTests
{
    [Fact]
    public void A_pulled_model_is_found_by_its_name_and_a_model_that_is_not_here_is_told()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer { Repository = "org/columns" };
        var run = Path.Combine(folder.Path, "first");
        folder.Write("table.csv", Runs.SmallTables.Binary(120));
        FineTuning.Run(Runs.SmallTables.Quick(Path.Combine(folder.Path, "table.csv"), "label", run));
        foreach (var file in Directory.GetFiles(Path.Combine(run, "model")).Where(f => !f.EndsWith(".bin", StringComparison.Ordinal))) server.With(Path.GetFileName(file), File.ReadAllBytes(file), large: file.EndsWith(".safetensors", StringComparison.Ordinal));
        string[] predict = ["predict", "--model", "org/columns", "--data", "table.csv", "--out", "p.csv"];
        Assert.Contains("attune pull org/columns", Run(folder, server, predict).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("attune pull org/columns", Run(folder, server, "tune", "--data", "table.csv", "--model", "org/columns", "--out", "next").Expect(2).Error, StringComparison.Ordinal);
        Assert.Empty(server.Requests);   // nothing is downloaded in silence

        var first = Run(folder, server, "pull", "org/columns", "--onnx").Expect(0);
        Assert.Contains("use       ./attune tune --model org/columns", first.Output, StringComparison.Ordinal);
        var json = JsonNode.Parse(Run(folder, server, "pull", "org/columns", "--onnx", "--json").Expect(0).Output)!;
        Assert.Equal(server.Commit, (string?)json["commit"]);
        Assert.Equal(0, (long)json["received"]!);
        Run(folder, server, predict).Expect(0);
        Assert.Contains("columns", Run(folder, server, "inspect", "org/columns").Expect(0).Output, StringComparison.Ordinal);
        Assert.Equal((string?)json["folder"], Run(folder, server, "pull", "org/columns", "--quiet").Expect(0).Output.Trim());
    }

    [Fact]
    public void A_text_encoder_is_pulled_and_tuned_by_its_name()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer();
        Runs.SmallTexts.WriteTable(folder.Path, rows: 120);
        var bert = Runs.SmallTexts.WriteBert(folder.Path);
        foreach (var file in Directory.GetFiles(bert)) server.With(Path.GetFileName(file), File.ReadAllBytes(file), large: file.EndsWith(".safetensors", StringComparison.Ordinal));
        Run(folder, server, "pull", "org/name").Expect(0);
        Run(folder, server, "tune", "--model", "org/name", "--data", "texts.csv", "--text", "review", "--target", "label", "--out", "run", "--epochs", "1").Expect(0);
        Assert.Contains("org/name", File.ReadAllText(Path.Combine(folder.Path, "run", "run.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_have_the_usual_exit_codes()
    {
        using var folder = TestFiles.Folder();
        using var server = new HubServer().WithModel();
        Assert.Contains("no such repository", Run(folder, server, "pull", "org/other").Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("--local-dir", Run(folder, server, "pull", "org/name", "--force").Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("org/name", Run(folder, server, "pull", "../name").Expect(2).Error, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder.Path, "hub"), "in the way");
        Assert.Contains("HF_HUB_CACHE", Run(folder, server, "pull", "org/name").Expect(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_progress_line_has_bytes_rate_and_time_left()
        => Assert.Equal("model.safetensors  45 MB of 90.9 MB, 10 MB/s, 5 s left", TransferLine.Text(new HubProgress("model.safetensors", 45_000_000, 90_900_000), 20_000_000, TimeSpan.FromSeconds(2)));

    private static ToolResult Run(TemporaryFolder folder, HubServer server, params string[] arguments)
        => Tool.Finish(Tool.Start(folder.Path, [("HF_ENDPOINT", server.Endpoint), ("HF_HOME", folder.Path), ("HF_HUB_CACHE", ""), ("HF_TOKEN", ""), ("HF_HUB_OFFLINE", "")], arguments));
}
