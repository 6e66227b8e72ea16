using Attune.Models.Vision;

namespace Attune.Models;

/// <summary>Every network family that can be named, alphabetically.</summary>
public static class ModelCatalog
{
    /// <summary>Name and one line of description: networks for tables, an encoder of texts, and those for pictures of <see cref="VisionCatalog"/>.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Others.Concat(VisionCatalog.All.Select(e => (e.Name, e.Description))).OrderBy(m => m.Item1, StringComparer.Ordinal)];

    private static IReadOnlyList<(string Name, string Description)> Others =>
    [
        ("bert", "A BERT of any size that is pre-trained on texts (--task mlm); for tasks on texts name the run with --model."),
        ("linear", "One layer from features to outputs: linear or logistic regression."),
        ("mlp", "Multi-layer perceptron with optional normalisation, dropout and residual connections."),
    ];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(m => m.Name)];
}
