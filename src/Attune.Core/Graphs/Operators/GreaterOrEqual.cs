namespace Attune.Graphs.Operators;

/// <summary>a ≥ b.</summary>
internal sealed class GreaterOrEqual() : BroadcastOperator("GreaterOrEqual", ElementKind.Numeric, since: 12, comparison: true);
