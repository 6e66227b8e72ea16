namespace Attune.Graphs.Operators;

/// <summary>a &lt; b.</summary>
internal sealed class Less() : BroadcastOperator("Less", ElementKind.Numeric, comparison: true);
