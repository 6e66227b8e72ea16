namespace Attune.Graphs.Operators;

/// <summary>ln Σx.</summary>
internal sealed class ReduceLogSum() : ReductionOperator("ReduceLogSum");
