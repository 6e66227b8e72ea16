using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Operators;
using Attune.Options;
using Attune.Runs;
using static Attune.Cli.Inspection.Inspected;

namespace Attune.Cli.Inspection;

/// <summary>An ONNX file, also one with operators that Attune does not run: then they are named.</summary>
internal static class OnnxInspection
{
    /// <summary>Reads the file.</summary>
    /// <exception cref="DataFormatException">It is missing or damaged.</exception>
    public static Inspected Of(string path)
    {
        var model = OnnxReader.ReadUnchecked(path, dequantize: false);
        var refused = Refused(model.Graph).ToList();
        if (refused.Count == 0) model = OnnxReader.ReadModel(path);   // says what else is wrong
        var producer = $"{model.Producer} {model.ProducerVersion}".Trim();
        var summary = GraphSummary.Of(model.Graph) with { Opset = model.Opset, IrVersion = model.IrVersion, Producer = producer.Length == 0 ? null : producer };
        var (json, lines) = GraphInspection.Of(summary, model.Graph);
        json["kind"] = "onnx";
        json["unsupported"] = new JsonArray([.. refused.Select(r => (JsonNode)new JsonObject { ["node"] = r.Node.Name, ["operator"] = r.Node.Operator, ["domain"] = r.Node.Domain.Length == 0 ? "ai.onnx" : r.Node.Domain, ["reason"] = r.Reason })]);
        List<string> text = [$"{path}: ONNX graph '{summary.Name}', opset {summary.Opset}, IR {summary.IrVersion}, by {summary.Producer ?? "an unnamed program"}", .. lines];
        if (refused.Count > 0)
        {
            text.Add(Invariant($"tuning: not possible, because {refused.Count:N0} {(refused.Count == 1 ? "node is" : "nodes are")} of operators that Attune does not run:"));
            text.AddRange(Some([.. refused.Select(r => $"  node '{r.Node.Name}': {r.Reason.TrimEnd('.')}")], 10));
            return new Inspected(json, text);
        }
        try
        {
            var start = StartingModel.Load(new ModelOptions { Path = path }, new ImageOptions())!;
            var (tunable, more) = GraphInspection.Tunable(start.Network);
            json["tuning"] = tunable;
            tunable["output"] = start.Network.Outputs[0].Name;
            text.Add($"answer: output '{start.Network.Outputs[0].Name}'");
            text.AddRange(more);
            if (start.Images is { } images)
            {
                json["preprocessing"] = Preprocessing(images);
                text.Add("pictures: " + Describe(images));
            }
            json["notes"] = Words(start.Notes);
            text.AddRange(start.Notes.Select(n => "note: " + n));
        }
        catch (Exception e) when (e is DataFormatException or WeightsException or NotSupportedException)
        {
            json["notes"] = Words([e.Message]);
            text.Add("tuning: not possible: " + e.Message);
        }
        return new Inspected(json, text);
    }

    private static IEnumerable<(Node Node, string Reason)> Refused(Graph graph)
        => graph.Nodes.SelectMany(n => (OperatorCatalog.Refusal(n.Domain, n.Operator) is { } reason ? new[] { (n, reason) } : []).Concat(GraphSort.Bodies(n).SelectMany(Refused)));
}
