using Attune.Data;
using Attune.Evaluation;
using Attune.Options;
using Attune.Tests.Runs;

namespace Attune.Tests.Evaluation;

public sealed class ForgettingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-forgetting-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Cosines_and_neighbours_are_those_worked_out_by_hand()
    {
        // Nearest before: 1, 0, 1. Vector 0 is then turned onto vector 2, and made longer: 2, 0 (the first of two), 0.
        var forgetting = Forgetting.Of("x.txt", [1, 0, 0.8f, 0.6f, 0, 1], [0, 3, 0.8f, 0.6f, 0, 1], 2);
        Assert.Equal(3, forgetting.Texts);
        Assert.Equal(2 / 3.0, forgetting.Similarity, 9);
        Assert.Equal(1 / 3.0, forgetting.SameNearest, 12);
    }

    [Fact]
    public void Turning_all_vectors_together_keeps_every_neighbour()
    {
        float[] before = [1, 0, 0.8f, 0.6f, 0, 1, -0.6f, 0.8f], turned = [0, 1, -0.6f, 0.8f, -1, 0, -0.8f, -0.6f];
        var forgetting = Forgetting.Of("x.txt", before, turned, 2);
        Assert.Equal(0, forgetting.Similarity, 6);
        Assert.Equal(1, forgetting.SameNearest);
        Assert.Equal(1, Forgetting.Of("x.txt", before, before, 2).Similarity, 6);
        Assert.Equal(0.5, Forgetting.Of("x.txt", [0, 0, 1, 0], [1, 0, 1, 0], 2).Similarity, 6);   // a vector of zeros
        Assert.Throws<ArgumentException>(() => Forgetting.Of("x.txt", [1, 0], [1, 0], 2));
    }

    [Theory]
    [InlineData("head", true)]
    [InlineData("full", false)]
    [InlineData("lora", false)]
    public void A_run_says_what_it_forgot_and_a_head_alone_forgets_nothing(string method, bool nothing)
    {
        var general = Path.Combine(_folder, "general.txt");
        File.WriteAllLines(general, ["the dog was very good", "my tea came today", "", "bread and coffee", "the shop was not dull"]);
        var run = FineTuning.Run(new RunOptions
        {
            Out = Path.Combine(_folder, "run"),
            Data = new DataOptions { Path = SmallTexts.WriteTable(_folder, 80), Target = "label" },
            Text = new TextOptions { Columns = ["review"] },
            Model = new ModelOptions { Path = SmallTexts.WriteEncoder(_folder) },
            Method = new MethodOptions { Name = method },
            Training = new TrainingOptions { Epochs = 2, LearningRate = 0.01 },
            Evaluation = new EvaluationOptions { Resamples = 100, GeneralText = general },
        });
        var forgetting = run.Verdict!.Forgetting!;
        Assert.Equal(4, forgetting.Texts);
        Assert.True(nothing ? forgetting is { Similarity: > 0.999999, SameNearest: 1 } : forgetting.Similarity < 0.99999, forgetting.Sentence);
        Assert.Equal(forgetting, Verdict.FromJson(File.ReadAllText(Path.Combine(run.Path, "verdict.json"))).Forgetting);
        Assert.Contains("general texts", File.ReadAllText(Path.Combine(run.Path, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_has_no_vectors_and_an_empty_file_no_texts()
    {
        var table = Path.Combine(_folder, "table.csv");
        File.WriteAllText(table, SmallTables.Binary(60));
        var error = Assert.Throws<OptionsException>(() => FineTuning.Run(SmallTables.Quick(table, "label", Path.Combine(_folder, "run"), "evaluation.general-text=" + table)));
        Assert.Contains("vectors of texts", error.Message, StringComparison.Ordinal);
        var empty = Path.Combine(_folder, "empty.txt");
        File.WriteAllText(empty, "\n\none\n");
        RunOptions Options(string general) => new()
        {
            Out = Path.Combine(_folder, "other"), Data = new DataOptions { Path = SmallTexts.WriteTable(_folder, 80), Target = "label" }, Text = new TextOptions { Columns = ["review"] },
            Model = new ModelOptions { Path = SmallTexts.WriteEncoder(_folder) }, Evaluation = new EvaluationOptions { GeneralText = general },
        };
        Assert.Contains("holds 1 texts", Assert.Throws<DataFormatException>(() => FineTuning.Run(Options(empty))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<DataFormatException>(() => FineTuning.Run(Options(empty + "no"))).Message, StringComparison.Ordinal);
    }
}
