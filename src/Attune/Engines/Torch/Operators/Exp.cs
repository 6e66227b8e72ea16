namespace Attune.Engines.Torch.Operators;

/// <summary>eˣ.</summary>
internal sealed class Exp() : UnaryOperator("Exp", x => x.exp());
