namespace Attune.Graphs.Operators;

/// <summary>Mean.</summary>
internal sealed class ReduceMean() : ReductionOperator("ReduceMean");
