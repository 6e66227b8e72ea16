namespace Attune.Graphs.Operators;

/// <summary>1 / x.</summary>
internal sealed class Reciprocal() : ElementwiseOperator("Reciprocal", ElementKind.Floating);
