using System.Globalization;
using Attune.Graphs;
using Attune.Models.Text;
using Attune.Models.Vision;

namespace Attune.Prediction;

/// <summary>A network that an adapter belongs to, without the adapter: one of texts or one of pictures.</summary>
/// <param name="Graph">Its graph, with the answer as its only output.</param>
/// <param name="Fresh">Weights that the base's files do not have, which the adapter has to hold.</param>
public sealed record AdapterBase(Graph Graph, IReadOnlyList<string> Fresh)
{
    /// <summary>The model of texts; null for pictures.</summary>
    public TextModel? Text { get; init; }

    /// <summary>The model of pictures; null for texts.</summary>
    public VisionModel? Vision { get; init; }

    /// <summary>What decides what the network computes besides its weights.</summary>
    internal IReadOnlyDictionary<string, string> Settings => Text?.Config.Deciding ?? SettingsOf(Vision!.Shape);

    /// <summary>What decides what a network of pictures computes besides its weights.</summary>
    internal static IReadOnlyDictionary<string, string> SettingsOf(VisionShape shape) => new Dictionary<string, string>
    {
        ["network"] = $"{shape.Family} ({shape.Sizes})",
        ["layer_norm_eps"] = shape is VitShape vit ? vit.Epsilon.ToString(CultureInfo.InvariantCulture) : "null",
    };
}
