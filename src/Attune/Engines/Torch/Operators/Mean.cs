namespace Attune.Engines.Torch.Operators;

/// <summary>The mean of all inputs.</summary>
internal sealed class Mean() : VariadicOperator("Mean", (a, b) => a.Add(b), isMean: true);
