namespace Attune.Graphs.Operators;

/// <summary>Mean of all inputs.</summary>
internal sealed class Mean() : BroadcastOperator("Mean", ElementKind.Floating, variadic: true);
