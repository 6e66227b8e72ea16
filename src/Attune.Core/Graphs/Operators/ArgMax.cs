namespace Attune.Graphs.Operators;

/// <summary>Index of the greatest element.</summary>
internal sealed class ArgMax() : ArgOperator("ArgMax");
