namespace Attune.Graphs.Operators;

/// <summary>True where x is infinite.</summary>
internal sealed class IsInf() : ElementwiseOperator("IsInf", ElementKind.Floating, since: 10, result: DataType.Bool);
