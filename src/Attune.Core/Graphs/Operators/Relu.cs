namespace Attune.Graphs.Operators;

/// <summary>max(x, 0).</summary>
internal sealed class Relu() : ElementwiseOperator("Relu", ElementKind.Numeric);
