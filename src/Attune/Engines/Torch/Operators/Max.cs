namespace Attune.Engines.Torch.Operators;

/// <summary>The greatest of all inputs; ties share the gradient.</summary>
internal sealed class Max() : VariadicOperator("Max", (a, b) => a.maximum(b), orders: true);
