namespace Attune.Graphs.Operators;

/// <summary>1 / (1 + e⁻ˣ).</summary>
internal sealed class Sigmoid() : ElementwiseOperator("Sigmoid", ElementKind.Floating);
