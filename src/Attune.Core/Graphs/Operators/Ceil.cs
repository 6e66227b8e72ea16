namespace Attune.Graphs.Operators;

/// <summary>⌈x⌉.</summary>
internal sealed class Ceil() : ElementwiseOperator("Ceil", ElementKind.Floating);
