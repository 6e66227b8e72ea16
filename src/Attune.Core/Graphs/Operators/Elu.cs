namespace Attune.Graphs.Operators;

/// <summary>x for x ≥ 0, α·(eˣ − 1) below.</summary>
internal sealed class Elu() : ElementwiseOperator("Elu", ElementKind.Floating);
