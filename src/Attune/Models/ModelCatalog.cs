using Attune.Models.Vision;

namespace Attune.Models;

/// <summary>Every network family that can be named, alphabetically.</summary>
public static class ModelCatalog
{
    /// <summary>Name and one line of description: networks for tables, and those for pictures of <see cref="VisionCatalog"/>.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Tables.Concat(VisionCatalog.All.Select(e => (e.Name, e.Description))).OrderBy(m => m.Item1, StringComparer.Ordinal)];

    private static IReadOnlyList<(string Name, string Description)> Tables =>
    [
        ("linear", "One layer from features to outputs: linear or logistic regression."),
        ("mlp", "Multi-layer perceptron with optional normalisation, dropout and residual connections."),
    ];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(m => m.Name)];
}
