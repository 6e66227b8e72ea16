namespace Attune.Graphs.Operators;

/// <summary>Least of all inputs.</summary>
internal sealed class Min() : BroadcastOperator("Min", ElementKind.Numeric, variadic: true);
