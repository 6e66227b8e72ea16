namespace Attune.Graphs.Operators;

/// <summary>x·tanh(ln(1 + eˣ)).</summary>
internal sealed class Mish() : ElementwiseOperator("Mish", ElementKind.Floating, since: 18);
