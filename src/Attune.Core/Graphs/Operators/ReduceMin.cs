namespace Attune.Graphs.Operators;

/// <summary>Least element.</summary>
internal sealed class ReduceMin() : ReductionOperator("ReduceMin", takesTruthValues: true);
