namespace Attune.Graphs.Operators;

/// <summary>cosh(x).</summary>
internal sealed class Cosh() : ElementwiseOperator("Cosh", ElementKind.Floating, since: 9);
