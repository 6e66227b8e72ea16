namespace Attune.Graphs.Operators;

/// <summary>Gated recurrent unit: Y and the last state.</summary>
internal sealed class GRU() : RecurrentOperator("GRU", 1);
