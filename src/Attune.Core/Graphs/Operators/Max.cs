namespace Attune.Graphs.Operators;

/// <summary>Greatest of all inputs.</summary>
internal sealed class Max() : BroadcastOperator("Max", ElementKind.Numeric, variadic: true);
