namespace Attune.Graphs.Operators;

/// <summary>ln x.</summary>
internal sealed class Log() : ElementwiseOperator("Log", ElementKind.Floating);
