namespace Attune.Engines.Torch.Operators;

/// <summary>The error function.</summary>
internal sealed class Erf() : UnaryOperator("Erf", x => x.erf());
