namespace Attune.Engines.Torch.Operators;

/// <summary>a ≥ b.</summary>
internal sealed class GreaterOrEqual() : BinaryOperator("GreaterOrEqual", (a, b) => a.ge(b), orders: true);
