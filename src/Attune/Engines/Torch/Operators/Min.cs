namespace Attune.Engines.Torch.Operators;

/// <summary>The least of all inputs; ties share the gradient.</summary>
internal sealed class Min() : VariadicOperator("Min", (a, b) => a.minimum(b), orders: true);
