namespace Attune.Graphs.Operators;

/// <summary>The bits that either has.</summary>
internal sealed class BitwiseOr() : BroadcastOperator("BitwiseOr", ElementKind.Integer, since: 18);
