namespace Attune.Engines.Torch.Operators;

/// <summary>The bits that both have.</summary>
internal sealed class BitwiseAnd() : BinaryOperator("BitwiseAnd", (a, b) => a.bitwise_and(b));
