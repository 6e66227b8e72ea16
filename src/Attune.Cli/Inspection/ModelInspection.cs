using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using static Attune.Cli.Inspection.Inspected;

namespace Attune.Cli.Inspection;

/// <summary>A run or model folder: task, columns or preprocessing, network, verdict.</summary>
internal static class ModelInspection
{
    /// <summary>Reads the folder.</summary>
    /// <exception cref="DataFormatException">It is no model.</exception>
    public static Inspected Of(string path)
    {
        var run = RunFolder.Exists(path) ? RunFolder.Open(path).ReadRun() : null;
        if (run is not null && run["status"]?.GetValue<string>() != "complete")
        {
            var status = run["status"]?.GetValue<string>();
            return new Inspected(new JsonObject { ["kind"] = "run", ["status"] = status }, [$"{path}: a run that is {status}. Continue it with `attune tune --resume {path}`."]);
        }
        var model = ModelFolder.Load(path);
        var (graph, lines) = GraphInspection.Of(GraphSummary.Of(model.Network), model.Network);
        var (tunable, more) = GraphInspection.Tunable(model.Network);
        var images = (model.Inputs as ImageInputs)?.Preprocessing;
        var json = new JsonObject
        {
            ["kind"] = run is null ? "model" : "run",
            ["task"] = JsonNode.Parse(model.Task.ToDocument().ToJson()),
            ["columns"] = new JsonArray([.. model.Columns.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["kind"] = c.Kind.ToString().ToLowerInvariant() })]),
            ["preprocessing"] = images is null ? null : Preprocessing(images),
            ["graph"] = graph,
            ["tuning"] = tunable,
            ["card"] = model.Card.DeepClone(),
            ["command"] = run?["command"]?.DeepClone(),
        };
        List<string> text =
        [
            $"{path}: {model.Task.Name} of '{model.Task.Target}'" + (model.Task.PredictionNames.Count > 0 ? $", {(model.Task is Classification ? "classes" : "labels")} {NearestName.Preview(model.Task.PredictionNames)}" : ""),
            images is null ? $"columns: {string.Join(", ", Some([.. model.Columns.Select(x => $"{x.Name} ({x.Kind.ToString().ToLowerInvariant()})")], 100).Select(c => c.TrimStart()))}" : "pictures: " + Describe(images),
        ];
        if (run?["command"]?.GetValue<string>() is { } command) text.Add("command: " + command);
        if (model.Card["verdict"]?["verdict"]?.GetValue<string>() is { } word) text.Add("verdict: " + word);
        return new Inspected(json, [.. text, .. lines, .. more]);
    }
}
