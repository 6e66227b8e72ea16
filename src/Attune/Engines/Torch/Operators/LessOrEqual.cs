namespace Attune.Engines.Torch.Operators;

/// <summary>a ≤ b.</summary>
internal sealed class LessOrEqual() : BinaryOperator("LessOrEqual", (a, b) => a.le(b), orders: true);
