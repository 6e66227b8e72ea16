namespace Attune.Graphs.Operators;

/// <summary>arcosh(x).</summary>
internal sealed class Acosh() : ElementwiseOperator("Acosh", ElementKind.Floating, since: 9);
