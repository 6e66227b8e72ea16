namespace Attune.Engines.Torch.Operators;

/// <summary>Index of the least element.</summary>
internal sealed class ArgMin() : ArgOperator("ArgMin", (x, axis, keeps) => x.argmin(axis, keeps));
