namespace Attune.Graphs.Operators;

/// <summary>tanh x.</summary>
internal sealed class Tanh() : ElementwiseOperator("Tanh", ElementKind.Floating);
