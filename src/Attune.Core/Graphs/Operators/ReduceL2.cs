namespace Attune.Graphs.Operators;

/// <summary>√Σx².</summary>
internal sealed class ReduceL2() : ReductionOperator("ReduceL2");
