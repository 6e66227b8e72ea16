namespace Attune.Engines.Torch.Operators;

/// <summary>−1, 0 or 1.</summary>
internal sealed class Sign() : UnaryOperator("Sign", x => x.sign());
