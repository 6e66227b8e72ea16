namespace Attune.Engines.Torch.Operators;

/// <summary>1 / x.</summary>
internal sealed class Reciprocal() : UnaryOperator("Reciprocal", x => x.reciprocal());
