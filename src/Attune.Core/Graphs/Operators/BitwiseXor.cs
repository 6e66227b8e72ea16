namespace Attune.Graphs.Operators;

/// <summary>The bits that exactly one has.</summary>
internal sealed class BitwiseXor() : BroadcastOperator("BitwiseXor", ElementKind.Integer, since: 18);
