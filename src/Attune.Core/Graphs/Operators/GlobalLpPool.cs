namespace Attune.Graphs.Operators;

/// <summary>p-norm over space.</summary>
internal sealed class GlobalLpPool() : GlobalPoolOperator("GlobalLpPool");
