namespace Attune.Engines.Torch.Operators;

/// <summary>sinh(x).</summary>
internal sealed class Sinh() : UnaryOperator("Sinh", x => x.sinh());
