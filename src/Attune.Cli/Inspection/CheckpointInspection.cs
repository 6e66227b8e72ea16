using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Models.Vision;
using Attune.Weights;
using static Attune.Cli.Inspection.Inspected;

namespace Attune.Cli.Inspection;

/// <summary>A checkpoint: its tensors, and the image network that they are, with head, classes and preprocessing.</summary>
internal static class CheckpointInspection
{
    private const int MostTensors = 20;

    /// <summary>Reads a file, or a folder that holds one.</summary>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    public static Inspected Of(string path)
    {
        var file = VisionFolder.FindCheckpoint(path);
        var checkpoint = CheckpointReader.Read(file);
        var all = checkpoint.Weights.All;
        var types = all.GroupBy(w => TypeOf(w.Value)).OrderByDescending(g => g.Count()).Select(g => Invariant($"{g.Key} {g.Count():N0}"));
        var (elements, bytes) = (all.Sum(w => w.Count), all.Sum(w => w.Value.Data.ByteLength));
        var json = new JsonObject
        {
            ["kind"] = checkpoint.Format == "safetensors" ? "safetensors" : "checkpoint",
            ["format"] = checkpoint.Format,
            ["prefix"] = checkpoint.Prefix,
            ["tensors"] = new JsonArray([.. all.Select(w => (JsonNode)new JsonObject { ["name"] = w.Name, ["type"] = TypeOf(w.Value), ["shape"] = Sizes(w.Value.Sizes) })]),
            ["elements"] = elements,
            ["bytes"] = bytes,
            ["metadata"] = new JsonObject(checkpoint.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
        };
        List<string> text = [Invariant($"{file}: {checkpoint.Format}, {all.Count:N0} tensors, {elements:N0} elements, {bytes:N0} bytes ({string.Join(", ", types)}){(checkpoint.Prefix.Length > 0 ? $"; prefix '{checkpoint.Prefix}' is ignored" : "")}")];
        Network(path, json, text);
        text.AddRange(Some([.. all.Select(w => $"  {w.Name}  {TypeOf(w.Value)} [{string.Join(", ", w.Value.Sizes)}]")], MostTensors));
        return new Inspected(json, text);
    }

    private static void Network(string path, JsonObject json, List<string> text)
    {
        VisionModel model;
        try { model = VisionModel.Load(path); }
        catch (Exception e) when (e is WeightsException or DataFormatException)
        {
            json["network"] = null;
            json["notes"] = Words([e.Message]);
            text.Add("network: " + e.Message);
            return;
        }
        var images = model.Preprocessing;
        var (tunable, lines) = GraphInspection.Tunable(model.Graph);
        json["network"] = new JsonObject
        {
            ["name"] = model.Name,
            ["family"] = model.Shape.Family,
            ["names"] = model.Shape.Library,
            ["sizes"] = model.Shape.Sizes,
            ["head"] = model.Shape.Head,
            ["classes"] = model.Shape.Classes,
            ["labels"] = Words(model.Labels),
            ["elementType"] = model.SourceType.ToString(),
            ["preprocessing"] = Preprocessing(images),
        };
        json["tuning"] = tunable;
        text.Add(Invariant($"network: {model.Name ?? "no name of the catalog"}, family {model.Shape.Family} with the names of {model.Shape.Library}, {model.SourceType} weights, no key missing or unexpected"));
        text.Add($"sizes: {model.Shape.Sizes}");
        text.Add(Invariant($"head: {model.Shape.Head}, {model.Shape.Classes:N0} classes{(model.Labels.Count > 0 ? ": " + NearestName.Preview(model.Labels) : ", names unknown (--set model.labels=… names them)")}"));
        text.Add("pictures: " + Describe(images));
        text.AddRange(lines);
    }

    private static string TypeOf(Tensor value) => SafetensorsTypes.NameOf(value.Type) ?? value.Type.ToString();
}
