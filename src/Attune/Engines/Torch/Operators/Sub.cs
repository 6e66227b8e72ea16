namespace Attune.Engines.Torch.Operators;

/// <summary>a − b with broadcasting.</summary>
internal sealed class Sub() : BinaryOperator("Sub", (a, b) => a.sub(b), wraps: true);
