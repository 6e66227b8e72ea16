namespace Attune.Graphs.Operators;

/// <summary>tan x.</summary>
internal sealed class Tan() : ElementwiseOperator("Tan", ElementKind.Floating, since: 7);
