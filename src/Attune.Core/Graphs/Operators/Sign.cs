namespace Attune.Graphs.Operators;

/// <summary>−1, 0 or 1.</summary>
internal sealed class Sign() : ElementwiseOperator("Sign", ElementKind.Numeric, since: 9);
