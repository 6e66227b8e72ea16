namespace Attune.Graphs.Operators;

/// <summary>All bits turned.</summary>
internal sealed class BitwiseNot() : ElementwiseOperator("BitwiseNot", ElementKind.Integer, since: 18);
