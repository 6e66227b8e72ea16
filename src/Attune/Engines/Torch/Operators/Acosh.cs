namespace Attune.Engines.Torch.Operators;

/// <summary>arcosh(x).</summary>
internal sealed class Acosh() : UnaryOperator("Acosh", x => x.acosh());
