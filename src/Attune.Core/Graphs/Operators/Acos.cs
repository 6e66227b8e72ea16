namespace Attune.Graphs.Operators;

/// <summary>arccos(x).</summary>
internal sealed class Acos() : ElementwiseOperator("Acos", ElementKind.Floating, since: 7);
