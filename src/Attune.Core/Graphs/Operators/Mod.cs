namespace Attune.Graphs.Operators;

/// <summary>Remainder of a / b.</summary>
internal sealed class Mod() : BroadcastOperator("Mod", ElementKind.Numeric, since: 10);
