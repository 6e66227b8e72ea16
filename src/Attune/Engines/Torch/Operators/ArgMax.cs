namespace Attune.Engines.Torch.Operators;

/// <summary>Index of the greatest element.</summary>
internal sealed class ArgMax() : ArgOperator("ArgMax", (x, axis, keeps) => x.argmax(axis, keeps));
