namespace Attune.Graphs.Operators;

/// <summary>arcsin(x).</summary>
internal sealed class Asin() : ElementwiseOperator("Asin", ElementKind.Floating, since: 7);
