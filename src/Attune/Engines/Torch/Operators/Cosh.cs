namespace Attune.Engines.Torch.Operators;

/// <summary>cosh(x).</summary>
internal sealed class Cosh() : UnaryOperator("Cosh", x => x.cosh());
