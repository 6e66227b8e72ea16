namespace Attune.Graphs.Operators;

/// <summary>eˣ.</summary>
internal sealed class Exp() : ElementwiseOperator("Exp", ElementKind.Floating);
