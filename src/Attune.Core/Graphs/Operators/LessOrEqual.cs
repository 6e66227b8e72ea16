namespace Attune.Graphs.Operators;

/// <summary>a ≤ b.</summary>
internal sealed class LessOrEqual() : BroadcastOperator("LessOrEqual", ElementKind.Numeric, since: 12, comparison: true);
