using System.CommandLine;
using System.Text.Json.Nodes;
using Attune.Evaluation;
using Attune.Prediction;
using Attune.Runs;

namespace Attune.Cli.Commands;

/// <summary><c>attune evaluate</c>: metrics of a model on rows with known targets, and the verdict against another model.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "Run or model folder", Required = true };
    private static readonly Option<string> Data = new("--data") { Description = "Rows with the target column", Required = true };
    private static readonly Option<string?> Compare = new("--compare") { Description = "Run or model folder of the model that was there before" };
    private static readonly Option<string?> Metric = new("--metric") { Description = "Metric of the verdict (default log_loss or rmse)" };
    private static readonly Option<string?> Missing = new("--missing") { Description = "Words that mean a missing value, separated by commas" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "Seed of the bootstrap", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Out = new("--out") { Description = "Write evaluation.json (and verdict.json with --compare) to this folder" };
    private static readonly Option<string?> Require = new("--require") { Description = "Gate: exit 3 unless the verdict is 'better'" };

    private static readonly Option<string?> PathColumn = new("--path-column") { Description = "Column of a list that holds the pictures' paths (default: as in training, else path, file, image or the like)" };
    private static readonly Option<double> MaxUnreadable = new("--max-unreadable") { Description = "Largest share of pictures that may be unreadable", DefaultValueFactory = _ => new PictureReading().MaxUnreadable };

    public static Command Create()
    {
        Require.AcceptOnlyFromAmong("better");
        var command = new Command("evaluate", "Judge a model on rows with known targets, alone or against another") { Model, Data, Compare, Metric, Missing, PathColumn, MaxUnreadable, Seed, Out, Require };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        if (parse.GetValue(Require) is not null && parse.GetValue(Compare) is null) throw new OptionsException("--require: needs --compare; without it there is no verdict.");
        var settings = new EvaluationSettings { Seed = parse.GetValue(Seed), Threads = Environment.ProcessorCount };
        var result = ModelEvaluation.Of(parse.GetValue(Model)!, parse.GetValue(Data)!, parse.GetValue(Compare), parse.GetValue(Metric), settings, CommaList.Of(parse.GetValue(Missing)), new PictureReading { PathColumn = parse.GetValue(PathColumn), MaxUnreadable = parse.GetValue(MaxUnreadable) });
        foreach (var notice in result.Notices) Console.Error.WriteLine("note: " + notice);
        if (parse.GetValue(Out) is { } folder)
        {
            Directory.CreateDirectory(folder);
            AtomicFile.WriteAllText(Path.Combine(folder, "evaluation.json"), result.Report.ToJson() + "\n");
            if (result.Verdict is not null) AtomicFile.WriteAllText(Path.Combine(folder, "verdict.json"), result.Verdict.ToJson() + "\n");
        }
        if (result.SeenRows > 0)
            Console.Error.WriteLine($"note: {result.SeenRows} of these rows were used to train or validate a model that is judged here, so it looks better than it is. Judge on rows it has not seen.");
        if (parse.GetValue(CommonOptions.Json))
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["seenRows"] = result.SeenRows,
                ["evaluation"] = JsonNode.Parse(result.Report.ToJson()),
                ["verdict"] = result.Verdict is null ? null : JsonNode.Parse(result.Verdict.ToJson()),
            }.ToJsonString(CliJson.Indented));
        }
        else
        {
            MetricsTable.Print(result.Report);
            if (result.Verdict is { } verdict) Console.Out.WriteLine($"{verdict.Word.ToUpperInvariant()}: {verdict.Sentence}");
        }
        return parse.GetValue(Require) is not null && result.Verdict!.Word != Verdict.Better ? ExitCodes.GateNotMet : ExitCodes.Good;
    }
}
