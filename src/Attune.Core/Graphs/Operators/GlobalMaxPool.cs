namespace Attune.Graphs.Operators;

/// <summary>Greatest element over space.</summary>
internal sealed class GlobalMaxPool() : GlobalPoolOperator("GlobalMaxPool");
