namespace Attune.Engines.Torch.Operators;

/// <summary>The bits that exactly one has.</summary>
internal sealed class BitwiseXor() : BinaryOperator("BitwiseXor", (a, b) => a.bitwise_xor(b));
