namespace Attune.Graphs.Operators;

/// <summary>Sum.</summary>
internal sealed class ReduceSum() : ReductionOperator("ReduceSum");
