namespace Attune.Graphs.Operators;

/// <summary>Long short-term memory: Y, the last hidden state and the last cell state.</summary>
internal sealed class LSTM() : RecurrentOperator("LSTM", 2);
