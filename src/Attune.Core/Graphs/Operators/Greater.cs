namespace Attune.Graphs.Operators;

/// <summary>a > b.</summary>
internal sealed class Greater() : BroadcastOperator("Greater", ElementKind.Numeric, comparison: true);
