namespace Attune.Engines.Torch.Operators;

/// <summary>a ∧ b.</summary>
internal sealed class And() : BinaryOperator("And", (a, b) => a.logical_and(b));
