namespace Attune.Engines.Torch.Operators;

/// <summary>1 / (1 + e⁻ˣ).</summary>
internal sealed class Sigmoid() : UnaryOperator("Sigmoid", x => x.sigmoid());
