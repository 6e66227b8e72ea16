namespace Attune.Graphs.Operators;

/// <summary>Mean over space.</summary>
internal sealed class GlobalAveragePool() : GlobalPoolOperator("GlobalAveragePool");
