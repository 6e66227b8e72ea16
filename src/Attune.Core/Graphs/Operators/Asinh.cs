namespace Attune.Graphs.Operators;

/// <summary>arsinh(x).</summary>
internal sealed class Asinh() : ElementwiseOperator("Asinh", ElementKind.Floating, since: 9);
