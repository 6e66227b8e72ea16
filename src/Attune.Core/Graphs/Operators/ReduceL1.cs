namespace Attune.Graphs.Operators;

/// <summary>Σ|x|.</summary>
internal sealed class ReduceL1() : ReductionOperator("ReduceL1");
