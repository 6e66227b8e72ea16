namespace Attune.Engines.Torch.Operators;

/// <summary>The mean of all inputs.</summary>
internal sealed class Mean() : VariadicOperator("Mean", (a, b) => a.add(b), isMean: true);
