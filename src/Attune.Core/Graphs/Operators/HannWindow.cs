namespace Attune.Graphs.Operators;

/// <summary>Hann's window.</summary>
internal sealed class HannWindow() : WindowOperator("HannWindow");
