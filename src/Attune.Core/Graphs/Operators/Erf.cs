namespace Attune.Graphs.Operators;

/// <summary>The error function.</summary>
internal sealed class Erf() : ElementwiseOperator("Erf", ElementKind.Numeric, since: 9);
