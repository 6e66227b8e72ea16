namespace Attune.Graphs.Operators;

/// <summary>x·Φ(x), exact or with <c>approximate = "tanh"</c>.</summary>
internal sealed class Gelu() : ElementwiseOperator("Gelu", ElementKind.Floating, since: 20);
