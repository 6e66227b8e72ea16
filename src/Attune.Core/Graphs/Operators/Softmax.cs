namespace Attune.Graphs.Operators;

/// <summary>eˣ / Σeˣ along an axis.</summary>
internal sealed class Softmax() : AxisOperator("Softmax");
