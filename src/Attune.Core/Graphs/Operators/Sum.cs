namespace Attune.Graphs.Operators;

/// <summary>Sum of all inputs.</summary>
internal sealed class Sum() : BroadcastOperator("Sum", ElementKind.Numeric, variadic: true);
