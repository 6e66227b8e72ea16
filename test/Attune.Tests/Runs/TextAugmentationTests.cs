using Attune.Options;
using Attune.Runs;

namespace Attune.Tests.Runs;

/// <summary>Training texts that are varied: what a run says, refuses, and repeats to the bit.</summary>
public sealed class TextAugmentationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-varied-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("full", "augmentation.word-deletion=0.2", "augmentation.word-swap=0.2")]
    [InlineData("head", "augmentation.word-masking=0.3", "augmentation.word-deletion=0.1")]
    [InlineData("full", "augmentation.word-masking=0.3", "augmentation.mask-with=mask-token")]
    public void Trap_33_runs_over_varied_texts_resume_to_the_same_bits(string method, params string[] settings)
    {
        SmallTexts.WriteTable(_folder, 100);
        SmallTexts.WriteBert(Path.Combine(_folder, "bert"));
        var whole = FineTuning.Run(Options(method, "bert", "whole", settings));
        var run = Path.Combine(_folder, "run");
        Assert.False(ResumeTests.Stopped(7, r => FineTuning.Run(Options(method, "bert", "run", settings), r)).Completed);
        Assert.True(FineTuning.Resume(run).Completed);
        Assert.Equal(SmallTables.Results(whole.Path), SmallTables.Results(run));
    }

    [Fact]
    public void Only_training_texts_are_varied()
    {
        SmallTexts.WriteTable(_folder, 100);
        SmallTexts.WriteBert(Path.Combine(_folder, "bert"));
        using var plain = RunPreparation.Prepare(Options("full", "bert", "a"));
        using var varied = RunPreparation.Prepare(Options("full", "bert", "b", "augmentation.word-deletion=0.3", "augmentation.word-masking=0.2"));
        foreach (var (before, after, isTrain) in new[] { (plain.Train, varied.Train, true), (plain.Validation, varied.Validation, false), (plain.Test, varied.Test, false) })
        {
            var (a, b) = (SourceOf(before), SourceOf(after));
            Assert.Equal(isTrain, b.IsAugmented);
            for (var row = 0; row < before.Rows; row++) Assert.Equal(Ids(a, row, -1), Ids(b, row, -1));
            if (isTrain) Assert.True(Enumerable.Range(0, before.Rows).Count(row => !Ids(a, row, 0).SequenceEqual(Ids(b, row, 0))) > before.Rows / 2);
        }
        Assert.Contains(varied.Notes, n => n.Contains("own masked language model", StringComparison.Ordinal));
    }

    [Fact]
    public void Guesses_are_words_of_the_model_and_come_in_turn()
    {
        SmallTexts.WriteTable(_folder, 60);
        SmallTexts.WriteBert(Path.Combine(_folder, "bert"));
        using var run = RunPreparation.Prepare(Options("full", "bert", "a", "augmentation.word-masking=0.4"));
        using var again = RunPreparation.Prepare(Options("full", "bert", "b", "augmentation.word-masking=0.4"));
        var (source, other) = (SourceOf(run.Train), SourceOf(again.Train));
        for (var row = 0; row < run.Train.Rows; row++)
        {
            var (plain, first) = (Ids(source, row, -1), Ids(source, row, 0));
            Assert.DoesNotContain(4L, first);
            Assert.Equal((plain[0], plain[^1]), (first[0], first[^1]));
            Assert.Equal(first, Ids(source, row, WordGuesses.Views));
            Assert.Equal(first, Ids(other, row, 0));
        }
        Assert.Contains(Enumerable.Range(0, run.Train.Rows), row => !Ids(source, row, 0).SequenceEqual(Ids(source, row, 1)));
    }

    [Fact]
    public void Without_a_head_for_hidden_words_the_mask_token_is_used_and_said()
    {
        SmallTexts.WriteTable(_folder, 60);
        SmallTexts.WriteEncoder(_folder);
        using var run = RunPreparation.Prepare(Options("full", "encoder.onnx", "a", "augmentation.word-masking=0.5"));
        Assert.Contains(run.Notes, n => n.Contains("mask token, because", StringComparison.Ordinal));
        Assert.Contains(Enumerable.Range(0, run.Train.Rows), row => Ids(SourceOf(run.Train), row, 0).Contains(4L));
        Assert.Contains("augmentation.mask-with", Assert.Throws<OptionsException>(() => RunPreparation.Prepare(Options("full", "encoder.onnx", "b", "augmentation.word-masking=0.5", "augmentation.mask-with=model"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tagged_words_may_be_hidden_but_not_moved_and_answers_not_touched()
    {
        SmallTexts.WriteTagged(_folder, 60);
        SmallTexts.WriteBert(Path.Combine(_folder, "bert"));
        string[] tagged = ["data.path=" + Path.Combine(_folder, "tokens.jsonl"), "data.task=token-classification", "data.target=null"];
        using (var run = RunPreparation.Prepare(Options("full", "bert", "a", [.. tagged, "augmentation.word-masking=0.3"])))
        {
            var source = SourceOf(run.Train);
            Assert.Contains(Enumerable.Range(0, run.Train.Rows), row => Ids(source, row, 0).Contains(4L));
            for (var row = 0; row < run.Train.Rows; row++) Assert.Equal(source.Selected(row, -1).ToArray(), source.Selected(row, 3).ToArray());
        }
        Assert.Contains("tag of its own", Refused([.. tagged, "augmentation.word-deletion=0.1"]), StringComparison.Ordinal);
        Assert.Contains("another kind", Refused([.. tagged, "augmentation.word-masking=0.1", "augmentation.mask-with=model"]), StringComparison.Ordinal);
        Assert.Contains("hides words of its own", Refused(["data.path=" + SmallTexts.WriteTable(_folder, 60), "data.task=mlm", "data.target=null", "augmentation.word-masking=0.1"]), StringComparison.Ordinal);
        Assert.Contains("place in its text", Refused(["data.path=" + SmallQuestions.Write(_folder), "data.task=question-answering", "data.target=null", "augmentation.word-swap=0.1"]), StringComparison.Ordinal);
    }

    private string Refused(string[] settings) => Assert.Throws<OptionsException>(() => RunPreparation.Prepare(Options("full", "bert", "x", settings))).Message;

    private RunOptions Options(string method, string model, string run, params string[] settings)
        => SmallTables.Quick(Path.Combine(_folder, "texts.csv"), "label", Path.Combine(_folder, run), [.. IsTagged(settings) ? [] : new[] { "text.columns=review" }, "model.path=" + Path.Combine(_folder, model), "method.name=" + method, "training.epochs=3", "training.batch-size=8", "training.learning-rate=0.003", "training.checkpoint-seconds=0", .. settings]);

    private static bool IsTagged(string[] settings) => settings.Any(s => s is "data.task=token-classification" or "data.task=question-answering");

    private static Attune.Encoding.TokenSource SourceOf(Attune.Encoding.EncodedSet set) => set.Inputs.OfType<Attune.Encoding.TokenInput>().First().Source;

    private static long[] Ids(Attune.Encoding.TokenSource source, int row, int view)
    {
        var ids = new long[source.LengthOf(row, view)];
        source.ReadIds(row, view, ids);
        return ids;
    }
}
