namespace Attune.Graphs.Operators;

/// <summary>sin x.</summary>
internal sealed class Sin() : ElementwiseOperator("Sin", ElementKind.Floating, since: 7);
