using Attune.Engines.Torch.Operators;

namespace Attune.Engines.Torch;

/// <summary>Every operator that the engine computes, alphabetically by name.</summary>
internal static class TorchOperatorCatalog
{
    private static readonly Dictionary<(string Domain, string Name), TorchOperator> _byName;

    static TorchOperatorCatalog() => _byName = All.ToDictionary(o => (o.Domain, o.Name));

    /// <summary>All kernels, alphabetically.</summary>
    public static IReadOnlyList<TorchOperator> All { get; } =
    [
        new Add(),
        new BatchNormalization(),
        new Conv(),
        new Dropout(),
        new Flatten(),
        new Gemm(),
        new GlobalAveragePool(),
        new Identity(),
        new If(),
        new MaxPool(),
        new Relu(),
        new Reshape(),
        new Split(),
    ];

    /// <summary>The operator, or null when the engine does not compute it. Domain "ai.onnx" is the same as "".</summary>
    public static TorchOperator? Find(string domain, string name) => _byName.GetValueOrDefault((domain == "ai.onnx" ? "" : domain, name));
}
