using System.Text.RegularExpressions;
using Attune.Weights;

namespace Attune.Models.Vision;

/// <summary>Names under which upstream's own older checkpoints hold what its networks call otherwise today; upstream renames them on load, too.</summary>
internal static partial class LegacyNames
{
    /// <summary>The same entries under today's names; the store itself when nothing changes.</summary>
    public static WeightStore Modernize(WeightStore weights)
    {
        if (!weights.All.Any(w => Modern(w.Name) != w.Name)) return weights;
        return new WeightStore(weights.All.Select(w => w with { Name = Modern(w.Name), Aliases = [.. w.Aliases.Select(Modern)] }));
    }

    private static string Modern(string name)
    {
        if (DenseLayer().Match(name) is { Success: true } dense) return dense.Groups[1].Value + dense.Groups[2].Value;
        if (VitMlp().Match(name) is { Success: true } mlp) return $"{mlp.Groups[1].Value}.mlp.{(mlp.Groups[2].Value == "1" ? 0 : 3)}.{mlp.Groups[3].Value}";
        return name;
    }

    // DenseNet: denselayer1.norm.1.weight → denselayer1.norm1.weight
    [GeneratedRegex(@"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var|num_batches_tracked))$")]
    private static partial Regex DenseLayer();

    // torchvision's ViT: encoder_layer_0.mlp.linear_1.weight → encoder_layer_0.mlp.0.weight
    [GeneratedRegex(@"^(encoder\.layers\.encoder_layer_\d+)\.mlp\.linear_([12])\.(weight|bias)$")]
    private static partial Regex VitMlp();
}
