using System.Globalization;
using Attune.Batching.Augmentation;
using Attune.Data;
using Attune.Encoding;
using Attune.Options;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Training texts that are varied without changing what they are labelled: edited words first, then replaced tokens. Validation, test and baselines see every text as it is.</summary>
internal static class TextAugmentation
{
    /// <summary>The training rows with varied texts; the rows themselves where nothing is asked for.</summary>
    /// <param name="options">The options.</param>
    /// <param name="start">The starting model.</param>
    /// <param name="data">What is learned from.</param>
    /// <param name="learned">How texts are read (null where none are), and the task.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="train">The same, encoded.</param>
    /// <param name="notes">Receives what was done.</param>
    /// <param name="progress">Told what is done, how much of it, and how much there is.</param>
    /// <exception cref="OptionsException">The task's answers would not fit varied texts, or the model cannot do what is asked for.</exception>
    /// <exception cref="DataFormatException">The synonyms cannot be read.</exception>
    public static EncodedSet Apply(RunOptions options, StartingModel? start, RunData data, (TextInputs? Inputs, LearningTask Task) learned, Table rows, EncodedSet train, List<string> notes, Action<string, int, int>? progress)
    {
        var asked = options.Augmentation;
        if (!asked.VariesTexts) return train;
        Demand(asked, data, learned.Task);
        var (inputs, seed) = (learned.Inputs!, (ulong)options.Training.Seed);
        TokenSource source = train.Inputs.OfType<TokenInput>().First().Source;
        if (EditsWords(asked))
        {
            var synonyms = asked.Synonyms is { } path ? SynonymList.Read(path) : null;
            var (texts, pairs) = inputs.TextsOf(rows);
            source = new EditedTexts((TokenSequences)source, texts, pairs, inputs.Tokenizer, inputs.Settings.MaxLength, new WordEdits(asked.WordDeletion, asked.WordSwap, synonyms, asked.SynonymShare), seed);
        }
        var by = "";
        if (asked.WordMasking > 0) source = Masked(options, start!, inputs, learned.Task, source, out by, progress);
        notes.Add($"Training texts are varied anew in each epoch ({Describe(asked)}){(by.Length > 0 ? ": " + by : "")}; validation and test texts stay as they are.");
        return new EncodedSet(train.Rows, [.. train.Inputs.Select(i => i is TokenInput input ? new TokenInput(input.Name, input.Field, source) : i)], train.Targets, train.UnitStarts?.ToArray());
    }

    /// <summary>What is done to training texts, in a few words; null for nothing.</summary>
    public static string? Describe(AugmentationOptions options)
    {
        if (!options.VariesTexts) return null;
        List<string> parts = [];
        if (options.WordDeletion > 0) parts.Add(Text($"{options.WordDeletion:P0} of words left out"));
        if (options.WordSwap > 0) parts.Add(Text($"{options.WordSwap:P0} swapped"));
        if (options.Synonyms is not null) parts.Add(Text($"{options.SynonymShare:P0} of listed words replaced by synonyms"));
        if (options.WordMasking > 0) parts.Add(Text($"{options.WordMasking:P0} of tokens replaced"));
        return string.Join(", ", parts);
    }

    private static bool EditsWords(AugmentationOptions options) => options.WordDeletion > 0 || options.WordSwap > 0 || options.Synonyms is not null;

    private static void Demand(AugmentationOptions asked, RunData data, LearningTask task)
    {
        var first = asked.WordDeletion > 0 ? "word-deletion" : asked.WordSwap > 0 ? "word-swap" : asked.Synonyms is not null ? "synonyms" : "word-masking";
        if (data is QuestionData) throw new OptionsException($"augmentation.{first}: an answer is a place in its text, and varied words would move or hide it. Leave it out.");
        if (data is MaskedTextData) throw new OptionsException($"augmentation.{first}: a masked language model hides words of its own and has to learn texts as they are. Leave it out; text.mask-share says how many are hidden.");
        if (data is TokenData && EditsWords(asked)) throw new OptionsException($"augmentation.{first}: every word has a tag of its own, which would stand beside another word. Leave it out; augmentation.word-masking keeps words in their places.");
        if (data is TokenData && asked.MaskWith == "model") throw new OptionsException("augmentation.mask-with: a guessed word may be of another kind than the tag that stays with it. Use mask-token.");
        if (data is not (TextData or TokenData)) throw new OptionsException($"augmentation.{first}: varies texts, and {task.Name} here reads none. Leave it out.");
    }

    private static ReplacedTokens Masked(RunOptions options, StartingModel start, TextInputs inputs, LearningTask task, TokenSource source, out string by, Action<string, int, int>? progress)
    {
        var (asked, tokenizer) = (options.Augmentation, inputs.Tokenizer);
        var model = asked.MaskWith == "mask-token" || task is TokenClassification ? null : WordGuesses.ModelOf(start);
        if (model is null && asked.MaskWith == "model") throw new OptionsException($"augmentation.mask-with: {start.Path} has no head for hidden words, so it cannot guess any. Use mask-token, or start from a folder with its masked language model.");
        if (tokenizer.MaskId is not { } mask) throw new OptionsException("augmentation.word-masking: the tokenizer has no mask token ([MASK], <mask>). Leave it out, or use augmentation.word-deletion.");
        var rule = new MaskingRule(mask, tokenizer.SpecialIds, tokenizer.LargestId, asked.WordMasking, (ulong)options.Training.Seed);
        if (model is null)
        {
            by = $"tokens are replaced by the mask token{(asked.MaskWith == "mask-token" || task is TokenClassification ? "" : $", because {start.Path} has no head for hidden words")}";
            return new ReplacedTokens(source, rule);
        }
        by = Text($"tokens are replaced by guesses of {start.Path}'s own masked language model, {WordGuesses.Views} variants of each text in turn");
        return new ReplacedTokens(source, rule, WordGuesses.Make(model, inputs, source, rule, options.Training.Threads ?? Environment.ProcessorCount, (done, all) => progress?.Invoke("guessing words", done, all)), WordGuesses.Views);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
