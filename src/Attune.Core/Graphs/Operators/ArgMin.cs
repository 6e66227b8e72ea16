namespace Attune.Graphs.Operators;

/// <summary>Index of the least element.</summary>
internal sealed class ArgMin() : ArgOperator("ArgMin");
