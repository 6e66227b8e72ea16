using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Graphs;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Attune.Weights;

namespace Attune.Cli.Commands;

/// <summary><c>attune inspect</c>: what is in a table, a run, an ONNX file or a safetensors file.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string> Path = new("path") { Description = "Table, run or model folder, .onnx or .safetensors file" };
    private static readonly Option<string?> Missing = new("--missing") { Description = "Words that mean a missing value, separated by commas" };

    public static Command Create()
    {
        var command = new Command("inspect", "Show what is in a table, run, ONNX or safetensors file") { Path, Missing };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = parse.GetValue(Path)!;
        var (json, text) = Directory.Exists(path) ? OfModel(path)
            : path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OfOnnx(path)
            : path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? OfSafetensors(path)
            : OfTable(path, CommaList.Of(parse.GetValue(Missing)));
        if (parse.GetValue(CommonOptions.Json)) Console.Out.WriteLine(json.ToJsonString(CliJson.Indented));
        else foreach (var line in text) Console.Out.WriteLine(line);
        return ExitCodes.Good;
    }

    private static (JsonObject, IEnumerable<string>) OfTable(string path, string[] missing)
    {
        var table = TableReader.Read(path, new TableReadOptions { MissingWords = missing });
        var columns = table.Schema.Select(c => (Schema: c, Missing: CountMissing(table[c.Name]))).ToList();
        var json = new JsonObject
        {
            ["kind"] = "table",
            ["rows"] = table.Rows,
            ["columns"] = new JsonArray([.. columns.Select(c => (JsonNode)new JsonObject
            {
                ["name"] = c.Schema.Name,
                ["kind"] = c.Schema.Kind.ToString().ToLowerInvariant(),
                ["missing"] = c.Missing,
                ["used"] = c.Schema.IsFeature,
                ["reason"] = c.Schema.Reason,
            })]),
            ["notices"] = new JsonArray([.. table.Notices.Select(n => JsonValue.Create(n))]),
        };
        var width = Math.Min(40, columns.Max(c => c.Schema.Name.Length));
        return (json, columns.Select(c => Text($"  {c.Schema.Name.PadRight(width)}  {c.Schema.Kind.ToString().ToLowerInvariant(),-10} {c.Schema.Reason}{(c.Schema.IsFeature ? "" : " (left out)")}"))
            .Prepend(Text($"{path}: {table.Rows:N0} rows, {table.Schema.Count} columns")).Concat(table.Notices.Select(n => "note: " + n)));
    }

    private static int CountMissing(Column column)
    {
        var count = 0;
        for (var row = 0; row < column.Rows; row++) count += column.IsMissing(row) ? 1 : 0;
        return count;
    }

    private static (JsonObject, IEnumerable<string>) OfModel(string path)
    {
        var run = RunFolder.Exists(path) ? RunFolder.Open(path).ReadRun() : null;
        if (run is not null && run["status"]?.GetValue<string>() != "complete")
        {
            var status = run["status"]?.GetValue<string>();
            return (new JsonObject { ["kind"] = "run", ["status"] = status }, [$"{path}: a run that is {status}. Continue it with `attune tune --resume {path}`."]);
        }
        var model = ModelFolder.Load(path);
        var summary = GraphSummary.Of(model.Network);
        var json = new JsonObject
        {
            ["kind"] = run is null ? "model" : "run",
            ["task"] = JsonNode.Parse(model.Task.ToDocument().ToJson()),
            ["columns"] = new JsonArray([.. model.Columns.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["kind"] = c.Kind.ToString().ToLowerInvariant() })]),
            ["graph"] = Json(summary),
            ["card"] = model.Card.DeepClone(),
            ["command"] = run?["command"]?.DeepClone(),
        };
        List<string> text =
        [
            $"{path}: {model.Task.Name} of '{model.Task.Target}'" + (model.Task.PredictionNames.Count > 0 ? $", {(model.Task is Classification ? "classes" : "labels")} {NearestName.Preview(model.Task.PredictionNames)}" : ""),
            $"columns: {string.Join(", ", model.Columns.Select(x => $"{x.Name} ({x.Kind.ToString().ToLowerInvariant()})"))}",
        ];
        if (run?["command"]?.GetValue<string>() is { } command) text.Add("command: " + command);
        if (model.Card["verdict"]?["verdict"]?.GetValue<string>() is { } word) text.Add("verdict: " + word);
        return (json, text.Concat(Lines(summary)));
    }

    private static (JsonObject, IEnumerable<string>) OfOnnx(string path)
    {
        var summary = GraphSummary.OfOnnx(path);
        var json = Json(summary);
        json["kind"] = "onnx";
        return (json, Lines(summary).Prepend($"{path}: ONNX graph '{summary.Name}', opset {summary.Opset}, by {summary.Producer ?? "an unnamed program"}"));
    }

    private static (JsonObject, IEnumerable<string>) OfSafetensors(string path)
    {
        var summary = SafetensorsSummary.Of(path);
        var json = new JsonObject
        {
            ["kind"] = "safetensors",
            ["tensors"] = new JsonArray([.. summary.Entries.Select(e => (JsonNode)new JsonObject { ["name"] = e.Name, ["type"] = e.Type, ["shape"] = Sizes(e.Shape) })]),
            ["elements"] = summary.Elements,
            ["bytes"] = summary.Bytes,
            ["metadata"] = new JsonObject(summary.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
        };
        return (json, summary.Entries.Select(e => $"  {e.Name}  {e.Type} [{string.Join(", ", e.Shape)}]")
            .Prepend(Text($"{path}: {summary.Tensors:N0} tensors, {summary.Elements:N0} elements, {summary.Bytes:N0} bytes")));
    }

    private static JsonObject Json(GraphSummary summary) => new()
    {
        ["name"] = summary.Name,
        ["opset"] = summary.Opset,
        ["producer"] = summary.Producer,
        ["inputs"] = new JsonArray([.. summary.Inputs.Select(i => JsonValue.Create(Text(i)))]),
        ["outputs"] = new JsonArray([.. summary.Outputs.Select(o => JsonValue.Create(Text(o)))]),
        ["operators"] = new JsonObject(summary.Operators.Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Value))),
        ["parameters"] = summary.Parameters,
        ["buffers"] = summary.Buffers,
        ["constants"] = summary.Constants,
        ["weights"] = new JsonArray([.. summary.Weights.Select(w => (JsonNode)new JsonObject { ["name"] = w.Name, ["type"] = w.Type, ["shape"] = Sizes(w.Shape), ["role"] = w.Role.ToString().ToLowerInvariant() })]),
    };

    private static IEnumerable<string> Lines(GraphSummary summary)
    {
        yield return $"inputs: {string.Join(", ", summary.Inputs.Select(Text))}";
        yield return $"outputs: {string.Join(", ", summary.Outputs.Select(Text))}";
        yield return Text($"operators ({summary.Nodes:N0} nodes): {string.Join(", ", summary.Operators.Select(o => $"{o.Key} {o.Value}"))}");
        yield return Text($"weights: {summary.Parameters:N0} parameters, {summary.Buffers:N0} buffers, {summary.Constants:N0} constants");
        foreach (var weight in summary.Weights.OrderBy(w => w.Role).Take(100)) yield return $"  {weight.Name}  {weight.Type} [{string.Join(", ", weight.Shape)}] {weight.Role.ToString().ToLowerInvariant()}";
        if (summary.Weights.Count > 100) yield return $"  and {summary.Weights.Count - 100} more (--json lists all)";
    }

    private static JsonArray Sizes(IReadOnlyList<long> sizes) => new([.. sizes.Select(s => JsonValue.Create(s))]);

    private static string Text(GraphSummaryValue value) => $"{value.Name} {value.Type}{value.Shape ?? " of unknown shape"}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
