namespace Attune.Graphs.Operators;

/// <summary>arctan(x).</summary>
internal sealed class Atan() : ElementwiseOperator("Atan", ElementKind.Floating, since: 7);
