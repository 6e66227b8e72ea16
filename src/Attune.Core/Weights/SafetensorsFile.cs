namespace Attune.Weights;

/// <summary>What a safetensors file holds.</summary>
/// <param name="Weights">Its tensors in file order, over mapped memory; floating ones as parameters, the rest as constants.</param>
/// <param name="Metadata">The <c>__metadata__</c> entries; empty when there are none.</param>
public sealed record SafetensorsFile(WeightStore Weights, IReadOnlyDictionary<string, string> Metadata);
