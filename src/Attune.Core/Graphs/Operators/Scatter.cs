namespace Attune.Graphs.Operators;

/// <summary>ScatterElements under its name before opset 11.</summary>
internal sealed class Scatter() : ScatterOperator("Scatter", 9);
