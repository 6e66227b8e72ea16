namespace Attune.Engines.Torch.Operators;

/// <summary>tan(x).</summary>
internal sealed class Tan() : UnaryOperator("Tan", x => x.tan());
