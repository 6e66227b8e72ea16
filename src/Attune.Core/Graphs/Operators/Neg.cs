namespace Attune.Graphs.Operators;

/// <summary>−x.</summary>
internal sealed class Neg() : ElementwiseOperator("Neg", ElementKind.Numeric);
