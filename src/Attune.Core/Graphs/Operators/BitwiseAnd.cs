namespace Attune.Graphs.Operators;

/// <summary>The bits that both have.</summary>
internal sealed class BitwiseAnd() : BroadcastOperator("BitwiseAnd", ElementKind.Integer, since: 18);
