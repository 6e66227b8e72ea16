namespace Attune.Graphs.Operators;

/// <summary>max(0, x) + min(0, α·(e^(x/α) − 1)).</summary>
internal sealed class Celu() : ElementwiseOperator("Celu", ElementKind.Floating, since: 12);
