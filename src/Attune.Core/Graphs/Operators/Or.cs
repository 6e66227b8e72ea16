namespace Attune.Graphs.Operators;

/// <summary>a ∨ b.</summary>
internal sealed class Or() : BroadcastOperator("Or", ElementKind.Boolean);
