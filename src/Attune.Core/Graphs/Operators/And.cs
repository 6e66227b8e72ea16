namespace Attune.Graphs.Operators;

/// <summary>a ∧ b.</summary>
internal sealed class And() : BroadcastOperator("And", ElementKind.Boolean);
