namespace Attune.Graphs.Operators;

/// <summary>Normalisation by the squares of neighbouring channels.</summary>
internal sealed class LRN() : SameShapeOperator("LRN");
