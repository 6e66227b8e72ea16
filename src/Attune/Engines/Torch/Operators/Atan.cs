namespace Attune.Engines.Torch.Operators;

/// <summary>arctan(x).</summary>
internal sealed class Atan() : UnaryOperator("Atan", x => x.atan());
