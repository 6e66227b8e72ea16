namespace Attune.Graphs.Operators;

/// <summary>x / ‖x‖ₚ along an axis.</summary>
internal sealed class LpNormalization() : AxisOperator("LpNormalization");
