namespace Attune.Graphs.Operators;

/// <summary>Nearest integer, ties to even.</summary>
internal sealed class Round() : ElementwiseOperator("Round", ElementKind.Floating, since: 11);
