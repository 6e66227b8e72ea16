namespace Attune.Engines.Torch.Operators;

/// <summary>a &lt; b.</summary>
internal sealed class Less() : BinaryOperator("Less", (a, b) => a.lt(b), orders: true);
