namespace Attune.Engines.Torch.Operators;

/// <summary>tanh(x).</summary>
internal sealed class Tanh() : UnaryOperator("Tanh", x => x.tanh());
