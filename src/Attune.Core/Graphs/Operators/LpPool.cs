namespace Attune.Graphs.Operators;

/// <summary>p-norm of a window.</summary>
internal sealed class LpPool() : PoolOperator("LpPool");
