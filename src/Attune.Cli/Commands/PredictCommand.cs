using System.CommandLine;
using System.Text.Json.Nodes;
using Attune.Engines;
using Attune.Hub;
using Attune.Options;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Cli.Commands;

/// <summary><c>attune predict</c>: a file of rows in, a CSV of predictions out.</summary>
internal static class PredictCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "Run or model folder; an adapter's folder; with --adapter the Hugging Face folder that the adapters belong to", Required = true };
    private static readonly Option<string[]> Adapter = new("--adapter") { Description = "NAME=FOLDER of an adapter beside the Hugging Face folder in --model; may be repeated: one base, a file for each adapter", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<string?> Base = new("--base") { Description = "Hugging Face folder that an adapter in --model belongs to (default: the one that it names)" };
    private static readonly Option<string> Data = new("--data") { Description = "Rows to predict: CSV, TSV, Parquet, JSON Lines; or pictures: a folder, or a list of paths", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "CSV to write; JSON Lines for a model that tags words, JSON for one that answers questions; .jsonl or .parquet for an embedding", Required = true };
    private static readonly Option<string?> Text = new("--text") { Description = "Columns that hold the text, where they have other names than in training" };
    private static readonly Option<string?> Keep = new("--keep") { Description = "Columns to copy beside the predictions, separated by commas" };
    private static readonly Option<string?> Missing = new("--missing") { Description = "Words that mean a missing value, separated by commas" };
    private static readonly Option<bool> Probabilities = new("--probabilities") { Description = "Of a model that tags words: write how sure it is, too (other predictions have their probabilities always)" };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace an existing --out file" };

    private static readonly Option<string?> PathColumn = new("--path-column") { Description = "Column of a list that holds the pictures' paths (default: as in training, else path, file, image or the like)" };
    private static readonly Option<double> MaxUnreadable = new("--max-unreadable") { Description = "Largest share of pictures that may be unreadable", DefaultValueFactory = _ => new PictureReading().MaxUnreadable };

    public static Command Create()
    {
        var command = new Command("predict", "Predict rows with a tuned model") { Model, Adapter, Base, Data, Out, Text, Keep, Missing, Probabilities, PathColumn, MaxUnreadable, Force };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var output = parse.GetValue(Out)!;
        var path = ModelPath.Resolve(parse.GetValue(Model)!);
        var isAdapter = ModelFiles.KindOf(path) == ModelFileKind.Adapter;
        if (parse.GetValue(Base) is not null && !isAdapter) throw new OptionsException("--base: belongs to an adapter in --model. Leave it out.");
        if (parse.GetValue(Adapter) is { Length: > 0 } named) return WithAdapters(parse, path, named, output);
        OutputFile.CheckFree(output, parse.GetValue(Force));
        using var predictor = isAdapter ? new Predictor(AdapterFolder.Read(path, parse.GetValue(Base)).Load(), ModelEngine.CompileAny) : Predictor.Load(path, ModelEngine.CompileAny);
        return Predict(parse, predictor, output);
    }

    private static int WithAdapters(ParseResult parse, string path, string[] named, string output)
    {
        if (ModelFiles.KindOf(path) is not (ModelFileKind.TextFolder or ModelFileKind.Checkpoint)) throw new OptionsException($"--adapter: stands beside the Hugging Face folder or the checkpoint that it was trained on, and {path} is none. Name that with --model.");
        var adapters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in named)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || at == text.Length - 1 || text[..at].IndexOfAny(Path.GetInvalidFileNameChars()) >= 0) throw new OptionsException($"--adapter: '{text}' is not NAME=FOLDER.");
            if (!adapters.TryAdd(text[..at], text[(at + 1)..])) throw new OptionsException($"--adapter: '{text[..at]}' is named twice.");
        }
        string FileOf(string name) => adapters.Count == 1 ? output : Path.Combine(Path.GetDirectoryName(output) ?? "", $"{Path.GetFileNameWithoutExtension(output)}.{name}{Path.GetExtension(output)}");
        foreach (var name in adapters.Keys) OutputFile.CheckFree(FileOf(name), parse.GetValue(Force));
        using var set = AdapterSet.Load(path, adapters);
        foreach (var name in set.Names) Predict(parse, set[name], FileOf(name));
        return ExitCodes.Good;
    }

    private static int Predict(ParseResult parse, Predictor predictor, string output)
    {
        if (predictor.Task is TokenClassification) return Tag(parse, predictor, output);
        if (predictor.Task is QuestionAnswering) return Answer(parse, predictor, output);
        if (parse.GetValue(Probabilities)) throw new OptionsException("--probabilities: belongs to models that tag words; these predictions have their probabilities always. Leave it out.");
        var predictions = PredictionFile.Write(predictor, parse.GetValue(Data)!, output, CommaList.Of(parse.GetValue(Keep)), CommaList.Of(parse.GetValue(Missing)), ProgressLine.For(parse, "predicting"), note => Console.Error.WriteLine("note: " + note), CommaList.Of(parse.GetValue(Text)), new PictureReading { PathColumn = parse.GetValue(PathColumn), MaxUnreadable = parse.GetValue(MaxUnreadable) });
        var unknown = predictions.Counts.Columns.Where(c => c.Unknown > 0).ToList();
        if (parse.GetValue(CommonOptions.Json))
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["out"] = output,
                ["rows"] = predictions.Rows,
                ["unknown"] = new JsonObject(unknown.Select(c => KeyValuePair.Create(c.Column, (JsonNode?)c.Unknown))),
            }.ToJsonString(CliJson.Indented));
            return ExitCodes.Good;
        }
        foreach (var column in unknown) Console.Error.WriteLine($"note: column '{column.Column}': {column.Unknown} rows hold a value not seen in training; they are encoded as unknown.");
        if (!parse.GetValue(CommonOptions.Quiet)) Console.Out.WriteLine($"{predictions.Rows} predictions written to {output}");
        return ExitCodes.Good;
    }

    private static int Answer(ParseResult parse, Predictor predictor, string output)
    {
        if (parse.GetValue(Keep) is not null || parse.GetValue(Missing) is not null || parse.GetValue(Text) is not null || parse.GetValue(Probabilities)) throw new OptionsException("--text, --keep, --missing and --probabilities do not belong to question answering, whose answers are one JSON object by id. Leave them out.");
        var (questions, answered) = QuestionPredictionFile.Write(predictor, parse.GetValue(Data)!, output, ProgressLine.For(parse, "predicting"));
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(new JsonObject { ["out"] = output, ["questions"] = questions, ["answered"] = answered }.ToJsonString(CliJson.Indented));
        else if (!parse.GetValue(CommonOptions.Quiet)) Console.Out.WriteLine($"{answered} of {questions} questions answered in {output}");
        return ExitCodes.Good;
    }

    private static int Tag(ParseResult parse, Predictor predictor, string output)
    {
        if (parse.GetValue(Keep) is not null || parse.GetValue(Missing) is not null || parse.GetValue(Text) is not null) throw new OptionsException("--text, --keep and --missing belong to tables; tagged texts keep their words. Leave them out.");
        var predictions = TokenPredictionFile.Write(predictor, parse.GetValue(Data)!, output, parse.GetValue(Probabilities), ProgressLine.For(parse, "predicting"), note => Console.Error.WriteLine("note: " + note));
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(new JsonObject { ["out"] = output, ["rows"] = predictions.Counts.Rows, ["words"] = predictions.Rows }.ToJsonString(CliJson.Indented));
        else if (!parse.GetValue(CommonOptions.Quiet)) Console.Out.WriteLine($"{predictions.Rows} words of {predictions.Counts.Rows} texts tagged in {output}");
        return ExitCodes.Good;
    }
}
