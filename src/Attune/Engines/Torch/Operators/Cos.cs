namespace Attune.Engines.Torch.Operators;

/// <summary>cos(x).</summary>
internal sealed class Cos() : UnaryOperator("Cos", x => x.cos());
