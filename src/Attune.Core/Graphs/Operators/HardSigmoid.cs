namespace Attune.Graphs.Operators;

/// <summary>max(0, min(1, α·x + β)).</summary>
internal sealed class HardSigmoid() : ElementwiseOperator("HardSigmoid", ElementKind.Floating);
