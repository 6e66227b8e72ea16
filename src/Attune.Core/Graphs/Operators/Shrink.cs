namespace Attune.Graphs.Operators;

/// <summary>x + bias below −λ, x − bias above λ, 0 between.</summary>
internal sealed class Shrink() : ElementwiseOperator("Shrink", ElementKind.Numeric, since: 9);
