namespace Attune.Graphs.Operators;

/// <summary>Greatest element.</summary>
internal sealed class ReduceMax() : ReductionOperator("ReduceMax", takesTruthValues: true);
