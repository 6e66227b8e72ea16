namespace Attune.Engines.Torch.Operators;

/// <summary>sin(x).</summary>
internal sealed class Sin() : UnaryOperator("Sin", x => x.sin());
