namespace Attune.Graphs.Operators;

/// <summary>Simple recurrent network: Y and the last state.</summary>
internal sealed class RNN() : RecurrentOperator("RNN", 1);
