namespace Attune.Graphs.Operators;

/// <summary>a ⊕ b.</summary>
internal sealed class Xor() : BroadcastOperator("Xor", ElementKind.Boolean);
