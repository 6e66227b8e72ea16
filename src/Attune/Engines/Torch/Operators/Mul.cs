namespace Attune.Engines.Torch.Operators;

/// <summary>a · b with broadcasting.</summary>
internal sealed class Mul() : BinaryOperator("Mul", (a, b) => a.mul(b), wraps: true);
