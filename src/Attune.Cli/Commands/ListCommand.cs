using System.CommandLine;
using System.Text.Json.Nodes;
using Attune.Engines.Dense;
using Attune.Engines.Torch;
using Attune.Graphs.Operators;
using Attune.Losses;
using Attune.Methods;
using Attune.Metrics;
using Attune.Models;
using Attune.Models.Vision;
using Attune.Optimizers;
using Attune.Schedules;

namespace Attune.Cli.Commands;

/// <summary><c>attune list</c>: everything that can be named, from the catalogs.</summary>
internal static class ListCommand
{
    private static readonly Argument<string> Kind = new("kind") { Description = "losses, methods, metrics, models, operators, optimizers or schedules" };

    public static Command Create()
    {
        Kind.AcceptOnlyFromAmong("losses", "methods", "metrics", "models", "operators", "optimizers", "schedules");
        var command = new Command("list", "List what can be named in options") { Kind };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        IEnumerable<(string Name, string Description)> entries = parse.GetValue(Kind) switch
        {
            "losses" => LossCatalog.All,
            "methods" => MethodCatalog.All.Select(m => (m.Name, m.Description)),
            "metrics" => MetricCatalog.All.Select(m => (m.Name, $"{m.Description} ({(m.HigherIsBetter ? "higher" : "lower")} is better; {m.Tasks.ToString().ToLowerInvariant()})")),
            "models" => ModelCatalog.All,
            "operators" => OperatorCatalog.All.Select(o => (Qualified(o), Coverage(o))),
            "optimizers" => OptimizerCatalog.All,
            _ => ScheduleCatalog.All,
        };
        if (parse.GetValue(CommonOptions.Json))
        {
            Console.Out.WriteLine(new JsonArray([.. entries.Select(e => (JsonNode)new JsonObject { ["name"] = e.Name, ["description"] = e.Description })]).ToJsonString(CliJson.Indented));
            return ExitCodes.Good;
        }
        if (parse.GetValue(Kind) == "models")
        {
            Models();
            return ExitCodes.Good;
        }
        var all = entries.ToList();
        var width = all.Max(e => e.Name.Length);
        foreach (var (name, description) in all) Console.Out.WriteLine($"{name.PadRight(width)}  {description}");
        return ExitCodes.Good;
    }

    private static string Qualified(Operator op) => op.Domain.Length == 0 ? op.Name : $"{op.Domain}.{op.Name}";

    private static string Coverage(Operator op)
    {
        var engines = new List<string>();
        if (op.Domain.Length == 0 && DenseCompiler.Operators.Contains(op.Name)) engines.Add("dense engine");
        if (TorchCompiler.Operators.Contains(Qualified(op))) engines.Add("libtorch engine");
        return engines.Count == 0 ? "read and written" : $"read and written; {string.Join(", ", engines)}";
    }

    private static void Models()
    {
        var images = VisionCatalog.All.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        Console.Out.WriteLine("For tables:");
        foreach (var (name, description) in ModelCatalog.All.Where(m => !images.Contains(m.Name))) Console.Out.WriteLine($"  {name,-10}  {description}");
        Console.Out.WriteLine("For pictures, with new weights (--set model.name=NAME); a checkpoint of any of them is fine-tuned with --model FILE:");
        foreach (var family in VisionCatalog.All.GroupBy(e => e.Shape.Family).OrderBy(g => g.Key, StringComparer.Ordinal))
            Console.Out.WriteLine($"  {family.Key,-12}  {string.Join(", ", family.Select(e => e.Name))}");
        Console.Out.WriteLine("For texts, a Hugging Face folder of any of these is fine-tuned with --model FOLDER (docs/texts.md):");
        Console.Out.WriteLine($"  {string.Join(", ", Attune.Models.Text.TextCatalog.Names)}");
        Console.Out.WriteLine("--json lists each network for tables and pictures with its size.");
    }
}
