namespace Attune.Graphs.Operators;

/// <summary>¬x.</summary>
internal sealed class Not() : ElementwiseOperator("Not", ElementKind.Boolean);
