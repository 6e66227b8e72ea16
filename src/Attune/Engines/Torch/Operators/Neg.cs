namespace Attune.Engines.Torch.Operators;

/// <summary>−x.</summary>
internal sealed class Neg() : UnaryOperator("Neg", x => x.neg());
