namespace Attune.Graphs.Operators;

/// <summary>|x|.</summary>
internal sealed class Abs() : ElementwiseOperator("Abs", ElementKind.Numeric);
