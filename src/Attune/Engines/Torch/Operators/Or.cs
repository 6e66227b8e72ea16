namespace Attune.Engines.Torch.Operators;

/// <summary>a ∨ b.</summary>
internal sealed class Or() : BinaryOperator("Or", (a, b) => a.logical_or(b));
