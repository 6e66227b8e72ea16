namespace Attune.Graphs.Operators;

/// <summary>Product.</summary>
internal sealed class ReduceProd() : ReductionOperator("ReduceProd");
