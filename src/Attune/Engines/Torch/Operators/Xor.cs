namespace Attune.Engines.Torch.Operators;

/// <summary>a ≠ b for truth values.</summary>
internal sealed class Xor() : BinaryOperator("Xor", (a, b) => a.logical_xor(b));
