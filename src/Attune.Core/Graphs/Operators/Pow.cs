namespace Attune.Graphs.Operators;

/// <summary>aᵇ; the exponent may have another type.</summary>
internal sealed class Pow() : BroadcastOperator("Pow", ElementKind.Numeric, sameType: false);
