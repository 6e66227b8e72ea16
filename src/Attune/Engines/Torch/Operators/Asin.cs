namespace Attune.Engines.Torch.Operators;

/// <summary>arcsin(x).</summary>
internal sealed class Asin() : UnaryOperator("Asin", x => x.asin());
