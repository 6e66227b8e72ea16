using System.Text.Json;
using Attune.Tests.Runs;

namespace Attune.Tests.Cli;

/// <summary>The journey of an adapter through the built executable: tuned, exported for PEFT, switched over its base, trained on.</summary>
public sealed class AdapterJourneyTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.Folder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tune_export_predict_with_two_adapters_and_tune_on_where_the_base_has_moved()
    {
        SmallTexts.WriteTable(_folder.Path, 120);
        SmallTexts.WriteBert(At("bert"));
        Tune("runs/mood", "--model", "bert", "--target", "label", "--method", "lora", "--set", "method.rank=2").Expect(0);
        Tune("runs/worth", "--model", "bert", "--target", "score", "--method", "prompt-tuning", "--set", "method.virtual-tokens=3").Expect(0);

        var exported = Run("export", "--model", "runs/mood", "--format", "peft", "--out", "mood").Expect(0);
        Assert.Contains("mood written for PEFT, beside bert", exported.Output, StringComparison.Ordinal);
        Assert.Contains("largest difference", exported.Output, StringComparison.Ordinal);
        foreach (var file in new[] { "adapter_config.json", "adapter_model.safetensors", "attune-receipt.json", "attune.json", "README.md" }) Assert.True(File.Exists(At("mood/" + file)), file);
        using (var json = JsonDocument.Parse(Run("export", "--model", "runs/worth", "--format", "peft", "--out", "worth", "--json").Expect(0).Output)) Assert.True(json.RootElement.GetProperty("changeFromBase").GetDouble() > 0);
        Assert.Contains("--type", Run("export", "--model", "runs/mood", "--format", "peft", "--type", "bf16", "--out", "x").Expect(2).Error, StringComparison.Ordinal);

        Run("predict", "--model", "bert", "--adapter", "mood=mood", "--adapter", "worth=runs/worth", "--data", "texts.csv", "--out", "p.csv").Expect(0);
        var (mood, worth) = (File.ReadAllLines(At("p.mood.csv")), File.ReadAllLines(At("p.worth.csv")));
        Assert.Equal((121, 121), (mood.Length, worth.Length));
        Assert.True(double.TryParse(worth[1].Split(',')[^1], System.Globalization.CultureInfo.InvariantCulture, out _), worth[1]);
        Run("predict", "--model", "runs/mood", "--data", "texts.csv", "--out", "merged.csv").Expect(0);
        Run("predict", "--model", "mood", "--data", "texts.csv", "--out", "alone.csv").Expect(0);
        Assert.Equal(mood, File.ReadAllLines(At("alone.csv")));
        Assert.Equal(Words(File.ReadAllLines(At("merged.csv"))), Words(mood));
        Assert.Contains("NAME=FOLDER", Run("predict", "--model", "bert", "--adapter", "mood", "--data", "texts.csv", "--out", "q.csv").Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("named twice", Run("predict", "--model", "bert", "--adapter", "a=mood", "--adapter", "a=worth", "--data", "texts.csv", "--out", "q.csv").Expect(2).Error, StringComparison.Ordinal);

        Directory.Move(At("bert"), At("elsewhere"));
        Assert.Contains("--base FOLDER", Tune("runs/lost", "--model", "mood", "--target", "label", "--method", "lora").Expect(2).Error, StringComparison.Ordinal);
        Tune("runs/again", "--model", "mood", "--base", "elsewhere", "--target", "label", "--method", "lora").Expect(0);
        Assert.Contains("trained on from its own weights", File.ReadAllText(At("runs/again/run.json")), StringComparison.Ordinal);

        // another activation in the base's configuration is another base
        File.WriteAllText(At("elsewhere/config.json"), File.ReadAllText(At("elsewhere/config.json")).Replace("\"gelu\"", "\"relu\"", StringComparison.Ordinal).Replace("\"hidden_size\"", "\"hidden_act\": \"relu\", \"hidden_size\"", StringComparison.Ordinal));
        var refused = Run("predict", "--model", "elsewhere", "--adapter", "mood=mood", "--data", "texts.csv", "--out", "q.csv").Expect(2);
        Assert.Contains("hidden_act was gelu and is relu", refused.Error, StringComparison.Ordinal);
    }

    private ToolResult Tune(string output, params string[] arguments) => Run(["tune", "--data", "texts.csv", "--text", "review", "--out", output, "--set", "training.epochs=1", "--set", "training.learning-rate=0.003", .. arguments]);

    private ToolResult Run(params string[] arguments) => Tool.Run(_folder.Path, arguments);

    private string At(string file) => Path.Combine(_folder.Path, file);

    private static List<string> Words(string[] lines) => [.. lines.Select(l => l.Split(',')[Array.IndexOf(lines[0].Split(','), "prediction")])];
}
