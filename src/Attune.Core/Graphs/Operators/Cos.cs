namespace Attune.Graphs.Operators;

/// <summary>cos x.</summary>
internal sealed class Cos() : ElementwiseOperator("Cos", ElementKind.Floating, since: 7);
