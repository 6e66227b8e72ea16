namespace Attune.Engines.Torch.Operators;

/// <summary>arccos(x).</summary>
internal sealed class Acos() : UnaryOperator("Acos", x => x.acos());
