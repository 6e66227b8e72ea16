namespace Attune.Graphs.Operators;

/// <summary>x where x > α, else 0.</summary>
internal sealed class ThresholdedRelu() : ElementwiseOperator("ThresholdedRelu", ElementKind.Floating, since: 10);
