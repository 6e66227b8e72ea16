namespace Attune.Graphs.Operators;

/// <summary>1 at the first greatest element along an axis, else 0.</summary>
internal sealed class Hardmax() : AxisOperator("Hardmax");
