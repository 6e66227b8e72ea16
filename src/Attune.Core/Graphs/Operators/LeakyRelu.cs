namespace Attune.Graphs.Operators;

/// <summary>x for x ≥ 0, α·x below.</summary>
internal sealed class LeakyRelu() : ElementwiseOperator("LeakyRelu", ElementKind.Floating);
