namespace Attune.Engines.Torch.Operators;

/// <summary>The least integer that is not below x.</summary>
internal sealed class Ceil() : UnaryOperator("Ceil", x => x.ceil());
