namespace Attune.Engines.Torch.Operators;

/// <summary>√x.</summary>
internal sealed class Sqrt() : UnaryOperator("Sqrt", x => x.sqrt());
