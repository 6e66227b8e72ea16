namespace Attune.Graphs.Operators;

/// <summary>Σx².</summary>
internal sealed class ReduceSumSquare() : ReductionOperator("ReduceSumSquare");
