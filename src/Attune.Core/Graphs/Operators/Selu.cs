namespace Attune.Graphs.Operators;

/// <summary>γ·x for x > 0, γ·(α·eˣ − α) below.</summary>
internal sealed class Selu() : ElementwiseOperator("Selu", ElementKind.Floating);
