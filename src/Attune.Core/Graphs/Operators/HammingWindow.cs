namespace Attune.Graphs.Operators;

/// <summary>Hamming's window.</summary>
internal sealed class HammingWindow() : WindowOperator("HammingWindow");
