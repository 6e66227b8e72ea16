namespace Attune.Graphs.Operators;

/// <summary>(x − μ)/σ over the given axes.</summary>
internal sealed class MeanVarianceNormalization() : SameShapeOperator("MeanVarianceNormalization", 9);
