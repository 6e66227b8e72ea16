namespace Attune.Engines.Torch.Operators;

/// <summary>The bits that either has.</summary>
internal sealed class BitwiseOr() : BinaryOperator("BitwiseOr", (a, b) => a.bitwise_or(b));
