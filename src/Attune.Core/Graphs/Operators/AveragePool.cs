namespace Attune.Graphs.Operators;

/// <summary>Mean of a window.</summary>
internal sealed class AveragePool() : PoolOperator("AveragePool");
