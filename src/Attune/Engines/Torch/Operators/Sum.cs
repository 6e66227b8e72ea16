namespace Attune.Engines.Torch.Operators;

/// <summary>The sum of all inputs.</summary>
internal sealed class Sum() : VariadicOperator("Sum", (a, b) => a.Add(b));
