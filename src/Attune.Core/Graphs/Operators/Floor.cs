namespace Attune.Graphs.Operators;

/// <summary>⌊x⌋.</summary>
internal sealed class Floor() : ElementwiseOperator("Floor", ElementKind.Floating);
