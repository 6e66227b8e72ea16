using System.CommandLine;
using Attune.Options;
using Attune.Runs;
using Attune.Training;

namespace Attune.Cli.Commands;

/// <summary><c>attune tune</c>: train, fine-tune or resume, and prove the result.</summary>
internal static class TuneCommand
{
    private static readonly Argument<string?> File = new("file") { Arity = ArgumentArity.ZeroOrOne, Description = "Options in YAML or JSON (see `attune schema`)" };

    /// <summary>Everyday flags, each a short name for one option path.</summary>
    private static readonly (Option<string> Option, string Path)[] Flags =
    [
        Flag("--data", "data.path", "What to learn from: a table (CSV, TSV, Parquet, JSON Lines), a folder of pictures (FOLDER/CLASS/…, or train/, val/, test/ with class folders), or a list of path,label"),
        Flag("--target", "data.target", "Column to predict; several columns of 0 and 1, separated by commas, are learned as labels"),
        Flag("--out", "out", "Folder that receives the run"),
        Flag("--model", "model.path", "What to fine-tune: an earlier run, a Hugging Face folder, org/name in the Hugging Face cache, an ONNX file (of texts with its tokenizer.json beside it), or a checkpoint of an image network (.safetensors, .pth, .bin, a folder)"),
        Flag("--base", "model.base", "Hugging Face folder that an adapter in --model belongs to (default: the one that it names)"),
        Flag("--test", "data.test", "Test rows, a file or folder (else 20 % are split off)"),
        Flag("--validation", "data.validation", "Validation rows, a file or folder (else 16 %, or 20 % with --test, are split off)"),
        Flag("--task", "data.task", "auto, classification, multi-label, regression, token-classification, question-answering, embedding, or mlm (pre-training on texts alone)"),
        Flag("--label-separator", "data.label-separator", "What stands between labels in the target column's cells, as ';'"),
        Flag("--positive", "data.positive", "Positive one of two classes (default: the rarer one)"),
        Flag("--missing", "data.missing", "Words that mean a missing value, separated by commas (default: only an empty field)"),
        Flag("--exclude", "data.exclude", "Columns to leave out, separated by commas"),
        Flag("--general-text", "evaluation.general-text", "General texts, one a line, to say what a model of texts forgot"),
        Flag("--metric", "evaluation.metric", "Primary metric: steers early stopping and the verdict"),
        Flag("--method", "method.name", "What trains: full, head, last-n, lora, dora, pissa, ia3, bitfit, norm-only and others (`attune list methods`)"),
        Flag("--train", "method.train", "Names of weights or nodes to train, with * and ?, separated by commas"),
        Flag("--freeze", "method.freeze", "Names of weights or nodes to keep frozen, with * and ?, separated by commas"),
        Flag("--head-at", "model.head-at", "Value of the network that a new head reads; `attune inspect MODEL` proposes some"),
        Flag("--text", "text.columns", "Column that is read as text; two, separated by a comma, are read as a pair (default: the only column of free text); of an embedding anchor,positive[,negative], or two texts with a score"),
        Flag("--max-length", "text.max-length", "Tokens of a text at most (default: what the model takes, at most 512)"),
        Flag("--tokenizer", "text.tokenizer", "Tokenizer of a new encoder: tokenizer.json, or a folder (default: one is learned from the texts)"),
        Flag("--image-size", "image.size", "Side of the square that pictures become (default: the network's)"),
        Flag("--augmentation", "augmentation.recipe", "Changes to training pictures: none, light, standard, rand-augment or trivial-augment"),
        Flag("--epochs", "training.epochs", "Passes over the training rows at most"),
        Flag("--batch-size", "training.batch-size", "Rows per optimizer step"),
        Flag("--learning-rate", "training.learning-rate", "Peak learning rate"),
        Flag("--seed", "training.seed", "Seed of splits, weights, order and bootstrap"),
        Flag("--threads", "training.threads", "Threads"),
        Flag("--precision", "training.precision", "fp32, or bf16 for networks that libtorch runs"),
        Flag("--device", "training.device", "cpu, cuda or cuda:N"),
    ];

    private static readonly Option<string[]> Set = new("--set") { Description = "Any option: section.option=value; may be repeated", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<string?> Resume = new("--resume") { Description = "Continue an interrupted run; takes everything from its run.json" };
    private static readonly Option<bool> AllowDrift = new("--allow-drift") { Description = "With --resume: accept another thread count, CPU or version, and so other final bits" };
    private static readonly Option<string?> Require = new("--require") { Description = "Gate: exit 3 unless the verdict is 'better'" };
    private static readonly Option<bool> NoPrefixCache = new("--no-prefix-cache") { Description = "Run frozen parts of the network anew in every pass (training.prefix-cache=off)" };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace an earlier run in --out" };

    public static Command Create()
    {
        Require.AcceptOnlyFromAmong("better");
        File.Validators.Add(result =>
        {
            // A misspelt option would otherwise be taken for the file.
            if (result.Tokens is [var token] && token.Value.StartsWith('-')) result.AddError(CommandErrors.Unknown(token.Value, result));
        });
        var command = new Command("tune", "Train or fine-tune a model and prove whether it got better") { File, Set, NoPrefixCache, Resume, AllowDrift, Require, Force };
        foreach (var (option, _) in Flags) command.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        using var stop = new StopSignal();
        var console = new RunConsole(parse.GetValue(CommonOptions.Quiet), parse.GetValue(CommonOptions.Json), parse.GetValue(CommonOptions.Verbose), stop);
        var result = parse.GetValue(Resume) is { } run
            ? ResumeRun(parse, run, console, stop.Token)
            : FineTuning.Run(ReadOptions(parse), new RunRequest { Force = parse.GetValue(Force), Command = CommandLine(parse), Callbacks = [console], Stop = stop.Token });
        console.Finish(result);
        if (!result.Completed) return ExitCodes.Interrupted;
        return parse.GetValue(Require) is not null && result.Verdict!.Word != "better" ? ExitCodes.GateNotMet : ExitCodes.Good;
    }

    private static RunResult ResumeRun(ParseResult parse, string run, Callback console, CancellationToken stop)
    {
        var others = Flags.Where(f => parse.GetResult(f.Option) is not null).Select(f => f.Option.Name).ToList();
        if (parse.GetValue(File) is not null) others.Add("FILE");
        if (parse.GetValue(Set) is { Length: > 0 }) others.Add("--set");
        if (parse.GetValue(NoPrefixCache)) others.Add("--no-prefix-cache");
        if (parse.GetValue(Force)) others.Add("--force");
        if (others.Count > 0)
            throw new OptionsException($"--resume: takes everything from the run's run.json; remove {string.Join(", ", others)}, or start a new run without --resume.");
        return FineTuning.Resume(run, new RunRequest { AllowDrift = parse.GetValue(AllowDrift), Callbacks = [console], Stop = stop });
    }

    private static RunOptions ReadOptions(ParseResult parse)
    {
        if (parse.GetValue(AllowDrift)) throw new OptionsException("--allow-drift: belongs to --resume.");
        var reader = new OptionsReader();
        if (parse.GetValue(File) is { } file) reader.File(file);
        foreach (var (option, path) in Flags)
        {
            if (parse.GetValue(option) is { } value) reader.Set(path, value);
        }
        if (parse.GetValue(NoPrefixCache)) reader.Set("training.prefix-cache", "off");
        foreach (var assignment in parse.GetValue(Set) ?? []) reader.Set(assignment);
        return reader.Read();
    }

    /// <summary>The command as a user would type it again.</summary>
    private static string CommandLine(ParseResult parse)
        => "./attune " + string.Join(' ', parse.Tokens.Select(t => t.Value.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '$' or '*' or '&' or ';') ? $"'{t.Value.Replace("'", "'\\''", StringComparison.Ordinal)}'" : t.Value));

    private static (Option<string>, string) Flag(string name, string path, string description) => (new Option<string>(name) { Description = $"{description} ({path})" }, path);
}
