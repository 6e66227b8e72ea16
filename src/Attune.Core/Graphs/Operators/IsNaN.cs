namespace Attune.Graphs.Operators;

/// <summary>True where x is not a number.</summary>
internal sealed class IsNaN() : ElementwiseOperator("IsNaN", ElementKind.Floating, since: 9, result: DataType.Bool);
