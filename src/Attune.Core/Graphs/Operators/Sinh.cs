namespace Attune.Graphs.Operators;

/// <summary>sinh(x).</summary>
internal sealed class Sinh() : ElementwiseOperator("Sinh", ElementKind.Floating, since: 9);
