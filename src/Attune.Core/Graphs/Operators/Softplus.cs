namespace Attune.Graphs.Operators;

/// <summary>ln(1 + eˣ).</summary>
internal sealed class Softplus() : ElementwiseOperator("Softplus", ElementKind.Floating);
