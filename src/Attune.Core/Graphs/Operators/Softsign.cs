namespace Attune.Graphs.Operators;

/// <summary>x / (1 + |x|).</summary>
internal sealed class Softsign() : ElementwiseOperator("Softsign", ElementKind.Floating);
