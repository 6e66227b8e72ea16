namespace Attune.Graphs.Operators;

/// <summary>artanh(x).</summary>
internal sealed class Atanh() : ElementwiseOperator("Atanh", ElementKind.Floating, since: 9);
