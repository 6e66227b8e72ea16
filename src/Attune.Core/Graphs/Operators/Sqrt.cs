namespace Attune.Graphs.Operators;

/// <summary>√x.</summary>
internal sealed class Sqrt() : ElementwiseOperator("Sqrt", ElementKind.Floating);
