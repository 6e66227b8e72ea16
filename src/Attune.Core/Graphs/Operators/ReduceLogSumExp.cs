namespace Attune.Graphs.Operators;

/// <summary>ln Σeˣ.</summary>
internal sealed class ReduceLogSumExp() : ReductionOperator("ReduceLogSumExp");
