namespace Attune.Graphs.Operators;

/// <summary>x − ln Σeˣ along an axis.</summary>
internal sealed class LogSoftmax() : AxisOperator("LogSoftmax");
