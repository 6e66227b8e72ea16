namespace Attune.Graphs.Operators;

/// <summary>Blackman's window.</summary>
internal sealed class BlackmanWindow() : WindowOperator("BlackmanWindow");
