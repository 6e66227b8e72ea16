namespace Attune.Engines.Torch.Operators;

/// <summary>a &gt; b.</summary>
internal sealed class Greater() : BinaryOperator("Greater", (a, b) => a.gt(b), orders: true);
